"""Registers a run's model in MLflow, once."""

from sluiceway.gateways.events import Events
from sluiceway.gateways.ledger import Ledger
from sluiceway.gateways.objects import Objects, read_contract
from sluiceway.gateways.registry import Registry
from sluiceway.models.contracts import RegisterModelInput, RegisterModelOutput
from sluiceway.models.scores import read_scores
from sluiceway.models.trained_model import step_result, trained_model
from sluiceway.models.version_tags import CHALLENGER, RUN_ID, origin_tags
from sluiceway.training.contracts import RunPlan
from sluiceway.triggers.contracts import ModelRegistered


def register_model(
    given: RegisterModelInput, *, ledger: Ledger, objects: Objects, registry: Registry, events: Events
) -> RegisterModelOutput:
    """Create the version unless the ledger or MLflow knows one of this run; alias it, tell the bus."""
    plan = read_contract(objects, given.plan_uri, RunPlan)
    if plan.preview or not plan.whole:
        return RegisterModelOutput(model_version=None)
    version = ledger.run(plan.run_id).model_version
    if version is None:
        version = _registered(plan, given, ledger=ledger, objects=objects, registry=registry)
        version = ledger.record_model_version(plan.run_id, version)
    _alias(registry, plan.project, version)
    events.publish(
        ModelRegistered(
            event_id=f"{plan.run_id}.registered",
            run_id=plan.run_id,
            project=plan.project,
            model_version=version,
        )
    )
    return RegisterModelOutput(model_version=version)


def _alias(registry: Registry, project: str, version: str) -> None:
    """Every time, because an earlier try may have ended before it; but never back from a newer version."""
    standing = registry.version_by_alias(project, CHALLENGER)
    if standing is None or int(standing.version) < int(version):
        registry.set_alias(project, CHALLENGER, version)


def _registered(
    plan: RunPlan, given: RegisterModelInput, *, ledger: Ledger, objects: Objects, registry: Registry
) -> str:
    """MLflow makes a new version at each call: one that carries the run's id is ours, its answer was lost."""
    registry.ensure_registered_model(plan.project)
    found = registry.search_model_versions(plan.project, {RUN_ID: plan.run_id})
    if found:
        return found[0].version
    result = step_result(plan, plan.config.model.step, objects)
    model = trained_model(plan, result)
    score = read_scores(objects, given.result_uris).challenger
    return registry.create_model_version(
        plan.project,
        source=model.artifact_uri,
        run_id=result.mlflow_run_id,
        model_id=model.model_id,
        tags=origin_tags(plan, ledger.image(plan.image_tag), score),
    ).version
