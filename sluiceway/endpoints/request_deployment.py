"""Starts the deployments that somebody asked for, each once."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from sluiceway.clock import utc_now
from sluiceway.endpoints.contracts import DeploymentVerdict
from sluiceway.endpoints.find_deployment import Undeployable, find_deployment
from sluiceway.gateways.executions import Executions
from sluiceway.gateways.ledger import EventRecord, Ledger
from sluiceway.gateways.registry import Registry
from sluiceway.triggers.contracts import DeploymentAsked

ID_DIGITS = 12


@dataclass(frozen=True, kw_only=True)
class Deploying:
    """The outside world of `request_deployment`."""

    ledger: Ledger
    registry: Registry
    executions: Executions
    deploy_model_arn: str
    now: Callable[[], str] = utc_now


def request_deployment(asked: DeploymentAsked, on: Deploying) -> list[EventRecord]:
    """Decide once, start under a name made of the event, record last; raises `TransientError`.

    The verdict is kept before anything is started: whoever works the event off again, when the version is
    live by then, comes to the same end.
    """
    decision_id = f"{asked.event_id}.{asked.project}"
    known = on.ledger.event(decision_id)
    if known is not None:
        return [known]
    verdict = on.ledger.hold(decision_id, decide_deployment(asked, on.ledger, on.registry))
    deployment_id = _start(decision_id, asked.project, verdict=verdict, on=on)
    record = EventRecord(
        event_id=decision_id,
        event=DeploymentAsked.__name__,
        subject=asked.project,
        outcome=verdict.outcome,
        reason=verdict.reason,
        project=asked.project,
        run_id=verdict.wanted.run_id if verdict.wanted else None,
        deployment_id=deployment_id,
        cause=asked.model_dump(mode="json", exclude_none=True),
        recorded_at=on.now(),
    )
    on.ledger.record_event(record)
    return [record]


def decide_deployment(asked: DeploymentAsked, ledger: Ledger, registry: Registry) -> DeploymentVerdict:
    """What the wish comes to, as things stand."""
    try:
        wanted = find_deployment(asked, ledger, registry)
    except Undeployable as error:
        return DeploymentVerdict(outcome="refused", reason=str(error))
    needless = _needless(asked.project, wanted.model_version, ledger)
    if needless:
        return DeploymentVerdict(outcome="unchanged", reason=needless)
    reason = f"version {wanted.model_version} of {asked.project} is going to be deployed"
    return DeploymentVerdict(outcome="requested", reason=reason, wanted=wanted)


def _needless(project: str, version: str, ledger: Ledger) -> str | None:
    """Why nothing is to be done. What is live now may not be in a minute: what is under way decides."""
    under_way = ledger.deployment_under_way(project)
    if under_way is None:
        live = ledger.endpoint(project)
        return f"version {version} is live" if live and live.model_version == version else None
    deployment = ledger.find_deployment(under_way)
    if deployment is not None and deployment.model_version == version:
        return f"deployment {under_way} of version {version} is under way"
    return None


def _start(decision_id: str, project: str, *, verdict: DeploymentVerdict, on: Deploying) -> str | None:
    """The execution is named after the event: a second start is the first one."""
    if verdict.wanted is None:
        return None
    deployment_id = deployment_id_of(project, decision_id)
    on.executions.start(on.deploy_model_arn, deployment_id, verdict.wanted)
    return deployment_id


def deployment_id_of(project: str, decision_id: str) -> str:
    """`<project>-deploy-<digits>`: a version may be deployed as often as somebody asks for it."""
    return f"{project}-deploy-{hashlib.sha256(decision_id.encode()).hexdigest()[:ID_DIGITS]}"
