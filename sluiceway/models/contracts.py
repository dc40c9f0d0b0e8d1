"""Models: evaluated, registered, and let through the gate or not."""

from sluiceway.contract import Contract
from sluiceway.training.contracts import Candidate


class PlanEvaluationInput(Contract):
    """A run whose steps are done."""

    run_id: str
    plan_uri: str


class EvaluationTask(Contract):
    """One Batch job that scores the candidates of one image."""

    name: str
    job_uri: str
    """An `EvaluationJob`."""
    result_uri: str
    """Where the job leaves its `EvaluationResult`."""
    job_definition: str
    vcpu: str
    memory: str
    timeout: int
    attempts: int


class PlannedCandidate(Contract):
    """A model to be scored, and the image that it needs."""

    candidate: Candidate
    image_tag: str


class EvaluationPlan(Contract):
    """`runs/<run>/evaluation/candidates.json`: fixed once, though the champion may change meanwhile."""

    candidates: tuple[PlannedCandidate, ...]


class PlanEvaluationOutput(Contract):
    """The jobs that score challenger and champion; one where both share an image; maybe none."""

    jobs: tuple[EvaluationTask, ...]


class RegisterModelInput(Contract):
    """A run whose model was scored."""

    run_id: str
    plan_uri: str
    result_uris: tuple[str, ...]


class RegisterModelOutput(Contract):
    """The model's version in the registry; None: nothing was to be registered."""

    model_version: str | None


class DecideGateInput(Contract):
    """A registered model and the scores to judge it by."""

    run_id: str
    plan_uri: str
    model_version: str | None
    """None: a preview's model, or none at all."""
    result_uris: tuple[str, ...]


class DecideGateOutput(Contract):
    """What the gate says."""

    passed: bool
    deploy: bool
    """Passed, and the project wants an endpoint."""
    reason: str
