"""Gathers what is told about a project of a commit, as ledger and bucket show it at this moment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pydantic import ValidationError

from sluiceway.endpoints.resource_names import endpoint_name
from sluiceway.errors import InvalidModel, NotFound
from sluiceway.gateways.ledger import EventRecord, Ledger, RunRecord
from sluiceway.gateways.objects import Objects, read_contract
from sluiceway.github.contracts import ProjectChecked
from sluiceway.github.price import Price, StepUsage, price_of_endpoint, price_of_run
from sluiceway.github.price_list import public_prices
from sluiceway.github.report import Found, ProjectReport, standing
from sluiceway.models.gate import decide
from sluiceway.models.scores import Scores, read_scores
from sluiceway.names import run_key, s3_uri
from sluiceway.projects.contracts import SluiceConfig
from sluiceway.training.contracts import PlannedStep, RunPlan, StepResult

Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Where facts are found."""

    ledger: Ledger
    objects: Objects
    artifacts_bucket: str
    endpoint_prefix: str
    cpu_architecture: str = "X86_64"


@dataclass(frozen=True)
class Results:
    """What a run left behind; None where it left nothing (yet)."""

    plan: RunPlan | None = None
    scores: Scores | None = None
    price: Price | None = None


def gather(repository: str, sha: str, project: str, on: Facts) -> ProjectReport:
    """The report of one project of one commit."""
    found = find(repository, sha, project, on.ledger)
    results = _results(found.run, on) if found.run is not None and found.run.ended else Results()
    config = _config(found.checked, results.plan)
    where = standing(found)
    deployment_id = on.ledger.commit_deployment(repository, sha, project)
    return ProjectReport(
        project=project,
        sha=sha,
        progress=where.progress,
        reason=where.reason,
        problems=found.checked.problems if found.checked else (),
        run=found.run,
        unchanged=found.run is not None and found.run.run_id == _unchanged(found.decision),
        scores=results.scores,
        gate=_gate(found.run, config, results.scores),
        config=config,
        endpoint=endpoint_name(on.endpoint_prefix, project),
        live=on.ledger.endpoint(project),
        deployment=on.ledger.find_deployment(deployment_id) if deployment_id else None,
        run_price=results.price,
        endpoint_price=_endpoint_price(config),
    )


def find(repository: str, sha: str, project: str, ledger: Ledger) -> Found:
    """The check of a project's commit, the decision on what it asked for, and the run."""
    checked = ledger.checked(repository, sha, project)
    decision = decision_on(checked, ledger)
    run_id = ledger.commit_run(repository, sha, project) or (decision.run_id if decision else None)
    return Found(checked, decision, ledger.find_run(run_id) if run_id else None)


def decision_on(checked: ProjectChecked | None, ledger: Ledger) -> EventRecord | None:
    """What was decided on the run that a check asked for."""
    if checked is None or checked.asked is None:
        return None
    return ledger.event(f"{checked.asked}.{checked.project}")


def _unchanged(decision: EventRecord | None) -> str | None:
    return decision.run_id if decision is not None and decision.outcome == "unchanged" else None


def _results(run: RunRecord, on: Facts) -> Results:
    plan = _if_there(lambda: read_contract(on.objects, _uri(run, on, "plan.json"), RunPlan))
    if plan is None:
        return Results()
    used = tuple(_usage(step, run, on) for step in plan.steps)
    price = price_of_run(used, architecture=on.cpu_architecture, prices=public_prices())
    return Results(plan, _scores(run, on), price)


def _scores(run: RunRecord, on: Facts) -> Scores | None:
    prefix = f"{run_key(run.run_id, 'evaluation')}/"
    keys = [key for key in on.objects.list_keys(on.artifacts_bucket, prefix) if key.endswith("/result.json")]
    uris = [s3_uri(on.artifacts_bucket, key) for key in keys]
    return _if_there(lambda: read_scores(on.objects, uris)) if uris else None


def _usage(step: PlannedStep, run: RunRecord, on: Facts) -> StepUsage:
    result = _if_there(lambda: read_contract(on.objects, _uri(run, on, step.name, "result.json"), StepResult))
    seconds = _seconds(result.started_at, result.finished_at) if result else None
    return StepUsage(step.name, float(step.vcpu), int(step.memory), seconds)


def _seconds(start: str, end: str) -> float | None:
    try:
        return max((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None


def _config(checked: ProjectChecked | None, plan: RunPlan | None) -> SluiceConfig | None:
    """As the commit's check read it; a run that somebody asked for has it in its plan."""
    if checked is not None and checked.config:
        given: Any = checked.config
        return _if_there(lambda: SluiceConfig.model_validate(given))
    return plan.config if plan else None


def _gate(run: RunRecord | None, config: SluiceConfig | None, scores: Scores | None) -> str:
    """The recorded verdict; without one, what the rule says of the scores."""
    if run is not None and run.gate:
        return run.gate
    if config is None or scores is None:
        return ""
    decision = _if_there(lambda: decide(config.gate, scores))
    return decision.reason if decision else ""


def _endpoint_price(config: SluiceConfig | None) -> Price | None:
    if config is None or config.deploy is None:
        return None
    deploy = config.deploy
    return price_of_endpoint(deploy.instance_type, deploy.instance_count, prices=public_prices())


def _uri(run: RunRecord, on: Facts, *parts: str) -> str:
    return s3_uri(on.artifacts_bucket, run_key(run.run_id, *parts))


def _if_there(read: Callable[[], Value]) -> Value | None:
    """None for what is not there, or not as it should be: a report tells what is known."""
    try:
        return read()
    except (NotFound, InvalidModel, ValidationError):
        return None
