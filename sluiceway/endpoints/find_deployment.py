"""Which model version a wish for a deployment means, by the ledger and the registry; or why there is none."""

import json
from collections.abc import Callable

from sluiceway.endpoints.contracts import DeployModelInput
from sluiceway.errors import NotFound, PermanentError
from sluiceway.gateways.ledger import DeploymentRecord, Ledger, RunRecord
from sluiceway.gateways.registry import Registry
from sluiceway.models.version_tags import RUN_ID
from sluiceway.triggers.contracts import DeploymentAsked


class Undeployable(PermanentError):
    """What was asked for cannot be deployed; the message says why, and what to do."""


def find_deployment(asked: DeploymentAsked, ledger: Ledger, registry: Registry) -> DeployModelInput:
    """The version and the run that made it; raises `Undeployable`."""
    ways = [(given, find) for given, find in _WAYS if given(asked)]
    if len(ways) != 1:
        raise Undeployable("name one of model_version, run_id and rollback")
    wanted = ways[0][1](asked, ledger, registry)
    _check_servable(asked.project, wanted, ledger)
    return wanted


def _by_version(asked: DeploymentAsked, ledger: Ledger, registry: Registry) -> DeployModelInput:
    project, version = asked.project, str(asked.model_version)
    try:
        found = registry.get_model_version(project, version)
    except NotFound:
        raise Undeployable(
            f"{project} has no model version {version}: `sluice models {project}` lists them"
        ) from None
    run = ledger.find_run(found.tags.get(RUN_ID, ""))
    if run is None or run.project != project or run.model_version != version:
        raise Undeployable(
            f"version {version} of {project} was registered by no run of this stage: no image serves it"
        )
    return DeployModelInput(run_id=run.run_id, model_version=version)


def _by_run(asked: DeploymentAsked, ledger: Ledger, _registry: Registry) -> DeployModelInput:
    run = ledger.find_run(asked.run_id or "")
    if run is None or run.project != asked.project:
        raise Undeployable(
            f"{asked.project} has no run {asked.run_id}: `sluice runs -p {asked.project}` lists them"
        )
    return DeployModelInput(run_id=run.run_id, model_version=_approvable(run))


def _approvable(run: RunRecord) -> str:
    """The version that the gate let through."""
    if not run.ended:
        raise Undeployable(f"run {run.run_id} is {run.status}: approve it when it has ended")
    if run.model_version is None:
        raise Undeployable(f"run {run.run_id} registered no model: {run.reason}")
    if not (run.gate or "").startswith("passed"):
        raise Undeployable(
            f"the gate did not let run {run.run_id} through ({run.gate}); to deploy its model all the same: "
            f"`sluice deploy {run.project} {run.model_version}`"
        )
    return run.model_version


def _before_the_live_one(asked: DeploymentAsked, ledger: Ledger, _registry: Registry) -> DeployModelInput:
    live = ledger.endpoint(asked.project)
    if live is None:
        raise Undeployable(f"{asked.project} has no endpoint that could go back")
    earlier = _earlier(ledger.deployment(live.deployment_id), ledger)
    while earlier is not None and earlier.model_version == live.model_version:
        earlier = _earlier(earlier, ledger)
    if earlier is None:
        raise Undeployable(f"nothing was live before version {live.model_version} of {asked.project}")
    return DeployModelInput(
        run_id=earlier.run_id, model_version=earlier.model_version, restores=earlier.deployment_id
    )


def _earlier(deployment: DeploymentRecord, ledger: Ledger) -> DeploymentRecord | None:
    """What was live before it. A rollback stands for what it brought back: a second one goes further back."""
    while deployment.restores is not None:
        deployment = ledger.deployment(deployment.restores)
    before = deployment.previous_deployment_id
    return None if before is None else ledger.deployment(before)


def _check_servable(project: str, wanted: DeployModelInput, ledger: Ledger) -> None:
    run = ledger.run(wanted.run_id)
    if run.image_tag is None or ledger.image(run.image_tag) is None:
        raise Undeployable(f"the image of run {run.run_id} is not in the ledger: run {project} again")
    code = ledger.code(project, run.code_version or "")
    if code is not None and json.loads(code.config).get("deploy", {}) is None:
        raise Undeployable(
            f"sluice.yaml of run {run.run_id} says `deploy: null`: {project} is served by no endpoint"
        )


_WAYS: tuple[
    tuple[Callable[[DeploymentAsked], bool], Callable[[DeploymentAsked, Ledger, Registry], DeployModelInput]],
    ...,
] = (
    (lambda asked: asked.model_version is not None, _by_version),
    (lambda asked: asked.run_id is not None, _by_run),
    (lambda asked: asked.rollback, _before_the_live_one),
)
"""Whether the wish is put in this way, and what it then means."""
