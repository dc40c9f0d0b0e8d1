"""Whether what a run's steps left behind can be evaluated and registered at all."""

from sluiceway.errors import InvalidModel, NotFound
from sluiceway.gateways.objects import Objects, read_contract
from sluiceway.names import run_key, s3_uri
from sluiceway.training.contracts import LoggedModel, RunPlan, StepResult


def step_result(plan: RunPlan, step: str, objects: Objects) -> StepResult:
    """What the step left; raises `InvalidModel` when it left nothing."""
    uri = s3_uri(plan.artifacts_bucket, run_key(plan.run_id, step, "result.json"))
    try:
        return read_contract(objects, uri, StepResult)
    except NotFound as error:
        raise InvalidModel(f"step {step} ended without a result ({uri}): run it again") from error


def trained_model(plan: RunPlan, result: StepResult) -> LoggedModel:
    """The model of the model step, when it may go on; raises `InvalidModel` that says what to do."""
    step, name = plan.config.model.step, plan.config.model.name
    if result.model is None:
        raise InvalidModel(
            f"step {step} logged no MLflow model: let it call mlflow.<flavour>.log_model(…, name={name!r}) "
            "inside the active run"
        )
    if not result.model.has_signature:
        raise InvalidModel(
            f"the model of step {step} has no signature: give log_model a signature or an input_example, "
            "so that requests can be checked"
        )
    not_finite = sorted(key for key, value in result.metrics.items() if value is None)
    if not_finite:
        raise InvalidModel(
            f"step {step} logged NaN or infinity as metric {', '.join(not_finite)}: "
            "the training did not converge, or its data are broken"
        )
    return result.model


def holdout_uri(plan: RunPlan, objects: Objects) -> str:
    """Where the held-out rows lie; raises `InvalidModel` when the step did not write them."""
    step, _, path = plan.config.evaluate.holdout.partition("/")
    written = [output.path for output in step_result(plan, step, objects).outputs]
    if path not in written:
        raise InvalidModel(
            f"sluice.yaml: evaluate.holdout is {step}/{path}, but step {step} wrote {written or 'no output'}"
        )
    return s3_uri(plan.artifacts_bucket, run_key(plan.run_id, step, "output", path))
