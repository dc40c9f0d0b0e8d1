"""Decides which models are scored on the held-out rows, and by which image."""

from collections.abc import Iterator

from sluiceway.errors import InvalidModel
from sluiceway.gateways.ledger import Ledger
from sluiceway.gateways.objects import Objects, read_contract, write_contract_once
from sluiceway.gateways.records import Claim
from sluiceway.gateways.registry import Registry
from sluiceway.models.contracts import (
    EvaluationPlan,
    EvaluationTask,
    PlanEvaluationInput,
    PlanEvaluationOutput,
    PlannedCandidate,
)
from sluiceway.models.trained_model import holdout_uri, step_result, trained_model
from sluiceway.models.version_tags import CHAMPION, IMAGE_TAG
from sluiceway.names import run_key, s3_uri
from sluiceway.training.contracts import Candidate, EvaluationJob, RunPlan


def plan_evaluation(
    given: PlanEvaluationInput, *, ledger: Ledger, objects: Objects, registry: Registry
) -> PlanEvaluationOutput:
    """Write one job for each image; raises `InvalidModel` for a model that cannot go on."""
    plan = read_contract(objects, given.plan_uri, RunPlan)
    if not plan.whole:
        return PlanEvaluationOutput(jobs=())
    model = trained_model(plan, step_result(plan, plan.config.model.step, objects))
    challenger = Candidate(role="challenger", artifact_uri=model.artifact_uri)
    candidates = [PlannedCandidate(candidate=challenger, image_tag=plan.image_tag)]
    candidates += _champion(plan.project, ledger, registry)
    fixed = _fixed(plan, EvaluationPlan(candidates=tuple(candidates)), objects)
    holdout = holdout_uri(plan, objects)
    return PlanEvaluationOutput(jobs=tuple(_tasks(plan, fixed, holdout, objects=objects, ledger=ledger)))


def _champion(project: str, ledger: Ledger, registry: Registry) -> Iterator[PlannedCandidate]:
    """The live version by the ledger; without an endpoint, the registry's alias. None the first time."""
    live = ledger.endpoint(project)
    if live is not None:
        yield _planned(live.artifact_uri, live.model_version, live.image_tag)
        return
    aliased = registry.version_by_alias(project, CHAMPION)
    if aliased is not None and ledger.image(aliased.tags.get(IMAGE_TAG, "")) is not None:
        yield _planned(aliased.source, aliased.version, aliased.tags[IMAGE_TAG])


def _planned(artifact_uri: str, version: str, image_tag: str) -> PlannedCandidate:
    candidate = Candidate(role="champion", artifact_uri=artifact_uri, model_version=version)
    return PlannedCandidate(candidate=candidate, image_tag=image_tag)


def _fixed(plan: RunPlan, wanted: EvaluationPlan, objects: Objects) -> EvaluationPlan:
    """What was decided first stands: asked again, another champion may be live."""
    uri = s3_uri(plan.artifacts_bucket, run_key(plan.run_id, "evaluation", "candidates.json"))
    if write_contract_once(objects, uri, wanted) is Claim.THEIRS:
        return read_contract(objects, uri, EvaluationPlan)
    return wanted


def _tasks(
    plan: RunPlan, fixed: EvaluationPlan, holdout: str, *, objects: Objects, ledger: Ledger
) -> Iterator[EvaluationTask]:
    for tag in dict.fromkeys(planned.image_tag for planned in fixed.candidates):
        candidates = tuple(planned.candidate for planned in fixed.candidates if planned.image_tag == tag)
        task = _task(plan, tag, _job_definition(ledger, tag))
        write_contract_once(objects, task.job_uri, _job(plan, holdout, candidates))
        yield task


def _job(plan: RunPlan, holdout: str, candidates: tuple[Candidate, ...]) -> EvaluationJob:
    evaluate = plan.config.evaluate
    return EvaluationJob(
        run_id=plan.run_id,
        holdout_uri=holdout,
        target=evaluate.target,
        prediction=evaluate.prediction,
        metrics=tuple(evaluate.metrics),
        candidates=candidates,
    )


def _task(plan: RunPlan, tag: str, job_definition: str) -> EvaluationTask:
    """Scoring gets what training got: it loads the same model and fewer rows."""
    step = next(step for step in plan.steps if step.name == plan.config.model.step)
    return EvaluationTask(
        name=f"{plan.run_id}-evaluate-{tag[:8]}",
        job_uri=s3_uri(plan.artifacts_bucket, run_key(plan.run_id, "evaluation", f"{tag}.json")),
        result_uri=s3_uri(plan.artifacts_bucket, run_key(plan.run_id, "evaluation", tag, "result.json")),
        job_definition=job_definition,
        vcpu=step.vcpu,
        memory=step.memory,
        timeout=step.timeout,
        attempts=step.attempts,
    )


def _job_definition(ledger: Ledger, tag: str) -> str:
    image = ledger.image(tag)
    if image is None:
        raise InvalidModel(f"image {tag} is not in the ledger: its model cannot be scored")
    return image.job_definition_arn
