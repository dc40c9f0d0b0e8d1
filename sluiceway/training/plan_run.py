"""Fixes everything about a run before it starts, and marks it as running."""

from sluiceway.clock import utc_now
from sluiceway.errors import InvalidProject
from sluiceway.gateways.ledger import Ledger, RunFacts, RunRecord
from sluiceway.gateways.objects import Objects, read_contract, write_contract_once
from sluiceway.gateways.records import Claim
from sluiceway.gateways.registry import Registry
from sluiceway.images.environment_files import environment_files
from sluiceway.images.image_tag import Files, image_tag
from sluiceway.names import code_archive_key, manifest_key, run_key, s3_uri
from sluiceway.projects.archive import open_archive
from sluiceway.projects.contracts import SluiceConfig
from sluiceway.projects.read_project import read_project
from sluiceway.training.contracts import (
    PlannedImage,
    PlannedStep,
    PlanRunInput,
    PlanRunOutput,
    RunPlan,
    StepJob,
)
from sluiceway.training.resolve_steps import resolve_steps
from sluiceway.training.run_options import run_options


def plan_run(
    given: PlanRunInput,
    *,
    ledger: Ledger,
    objects: Objects,
    registry: Registry,
    artifacts_bucket: str,
    tracking_uri: str,
    platform: Files,
) -> PlanRunOutput:
    """Write the plan once and return what the machine needs of it. Asked again, the first plan stands."""
    run = ledger.run(given.run_id)
    bucket = artifacts_bucket
    experiment = registry.ensure_experiment(run.project, s3_uri(bucket, f"mlflow/{run.project}"))
    plan = _plan(run, objects, bucket, experiment=experiment, tracking_uri=tracking_uri, platform=platform)
    plan_uri = s3_uri(bucket, run_key(run.run_id, "plan.json"))
    if write_contract_once(objects, plan_uri, plan) is Claim.THEIRS:
        plan = read_contract(objects, plan_uri, RunPlan)
    facts = RunFacts(execution_arn=given.execution_arn, image_tag=plan.image_tag)
    ledger.begin_run(run.run_id, at=utc_now(), facts=facts)
    return PlanRunOutput(
        run_id=run.run_id,
        project=run.project,
        plan_uri=plan_uri,
        image=_image(ledger, run.run_id, plan.image_tag),
        steps=tuple(_job(step) for step in plan.steps),
    )


def _plan(
    run: RunRecord, objects: Objects, bucket: str, *, experiment: str, tracking_uri: str, platform: Files
) -> RunPlan:
    if run.code_version is None:
        raise InvalidProject(f"run {run.run_id} has no code version: push the project again")
    code_key = code_archive_key(run.project, run.code_version)
    tree = open_archive(objects.get(bucket, code_key))
    project = read_project(tree)
    return RunPlan(
        run_id=run.run_id,
        project=run.project,
        code_version=run.code_version,
        code_uri=s3_uri(bucket, code_key),
        dataset_versions=run.dataset_versions,
        manifest_uris=_manifests(run, project.config, bucket),
        config=project.config,
        steps=resolve_steps(project.config, project.mlproject, run_options(run, project)),
        image_tag=image_tag(environment_files(tree, project.mlproject), platform),
        artifacts_bucket=bucket,
        tracking_uri=tracking_uri,
        experiment_id=experiment,
        whole=not run.steps,
        preview=run.preview,
    )


def _manifests(run: RunRecord, config: SluiceConfig, bucket: str) -> dict[str, str]:
    """By the project's own names: steps do not know whether another dataset stands in."""
    stand_ins = config.preview.data if config.preview and run.preview else {}
    found = {}
    for name in config.data:
        used = name if name in run.dataset_versions else stand_ins.get(name, name)
        if used in run.dataset_versions:
            found[name] = s3_uri(bucket, manifest_key(used, run.dataset_versions[used]))
    return found


def _image(ledger: Ledger, run_id: str, tag: str) -> PlannedImage:
    record = ledger.image(tag)
    if record is None:
        return PlannedImage(tag=tag, ready=False, job_definition=None)
    ledger.note_run(run_id, RunFacts(image_digest=record.digest))
    return PlannedImage(tag=tag, ready=True, job_definition=record.job_definition_arn)


def _job(step: PlannedStep) -> StepJob:
    return StepJob(
        name=step.name, vcpu=step.vcpu, memory=step.memory, timeout=step.timeout, attempts=step.attempts
    )
