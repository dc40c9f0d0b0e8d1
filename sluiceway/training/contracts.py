"""What a run is planned with and what its steps leave behind, as JSON objects in the artifacts bucket."""

from typing import Literal

from pydantic import ConfigDict, Field

from sluiceway.contract import Contract
from sluiceway.names import Name, RelativePath, Version
from sluiceway.projects.contracts import SluiceConfig
from sluiceway.reasons import Reason
from sluiceway.triggers.contracts import RunStatus


class PlannedStep(Contract):
    """One step, resolved: what the trainer runs and what Batch must give it."""

    name: Name
    command: str
    """Command template of the entry point, `{parameter}` not yet filled."""
    parameters: dict[str, str]
    """Every parameter of the entry point; values may hold `{data.NAME}`, `{steps.NAME}`, `{output}`."""
    path_parameters: tuple[str, ...] = ()
    """Parameters of type `path`: relative ones are resolved against the project's folder."""
    needs: tuple[Name, ...]
    vcpu: str
    memory: str
    timeout: int
    attempts: int


class RunPlan(Contract):
    """`runs/<run>/plan.json`: everything that is fixed before a run starts. Written once."""

    run_id: str
    project: Name
    code_version: Version
    code_uri: str
    dataset_versions: dict[str, Version]
    manifest_uris: dict[str, str]
    """By the name under which the project knows the dataset; in a preview another one may stand in for it."""
    config: SluiceConfig
    steps: tuple[PlannedStep, ...]
    image_tag: str
    artifacts_bucket: str
    tracking_uri: str
    """`http(s)://…`, or the ARN of a managed MLflow app."""
    experiment_id: str
    whole: bool = True
    """False: only chosen steps run; nothing is evaluated or registered."""
    preview: bool = False
    """Evaluated and judged, but neither registered nor deployed."""

    def dataset_behind(self, name: str) -> str:
        """The dataset whose version the project gets as `{data.NAME}`: another one where that stands in."""
        stand_ins = self.config.preview.data if self.config.preview else {}
        return name if name in self.dataset_versions else stand_ins[name]


class OutputFile(Contract):
    """One file that a step left in its output folder."""

    path: RelativePath
    size: int
    sha256: str


class LoggedModel(Contract):
    """The MLflow model that a step logged."""

    model_id: str
    name: str
    artifact_uri: str
    """S3 prefix of the model's folder (the one that holds `MLmodel`)."""
    has_signature: bool


class StepResult(Contract):
    """`runs/<run>/<step>/result.json`: written once and last; a job that finds it returns at once."""

    run_id: str
    step: Name
    mlflow_run_id: str
    outputs: tuple[OutputFile, ...]
    metrics: dict[str, float | None]
    """What the step logged to MLflow. None stands for NaN or infinity, which JSON does not have."""
    model: LoggedModel | None = None
    started_at: str
    finished_at: str


class StepFailure(Contract):
    """`runs/<run>/<step>/failures/<attempt>.json`: why an attempt ended badly, for a person to act on."""

    run_id: str
    step: str
    error: str
    """Name of a class in `sluiceway.errors`."""
    reason: str
    exit_code: int | None = None
    log_tail: tuple[str, ...] = Field(default=(), description="last lines of the entry point's output")


class Candidate(Contract):
    """A model to be scored on the held-out rows."""

    role: Literal["challenger", "champion"]
    artifact_uri: str
    model_version: str | None = None
    """Version in the registry; None for a challenger that is not registered yet."""


class EvaluationJob(Contract):
    """`runs/<run>/evaluation/<image tag>.json`: candidates that share an image are scored by one job."""

    run_id: str
    holdout_uri: str
    target: str
    prediction: str | None
    metrics: tuple[str, ...]
    candidates: tuple[Candidate, ...]


class Score(Contract):
    """What one candidate reached on the held-out rows."""

    role: Literal["challenger", "champion"]
    model_version: str | None
    metrics: dict[str, float | None]
    """None stands for NaN or infinity."""
    rows: int
    sample_request: str
    """First rows of the held-out data as the JSON body of an invocation (`dataframe_split`)."""
    sample_response: str
    """The JSON body with which the model answered it when it was scored (`predictions`)."""


class EvaluationResult(Contract):
    """`runs/<run>/evaluation/<image tag>/result.json`: written once."""

    run_id: str
    holdout_sha256: str
    scores: tuple[Score, ...]


class PlanRunInput(Contract):
    """A claimed run, and the execution that carries it out."""

    run_id: str
    execution_arn: str


class PlannedImage(Contract):
    """The environment image of a run."""

    tag: str
    ready: bool
    job_definition: str | None
    """ARN of the Batch job definition; None until the image is built."""


class StepJob(Contract):
    """What Batch must give to one step."""

    name: Name
    vcpu: str
    memory: str
    """MiB"""
    timeout: int
    """seconds"""
    attempts: int


class PlanRunOutput(Contract):
    """Where the plan lies, and what `run_pipeline` needs of it."""

    run_id: str
    project: Name
    plan_uri: str
    image: PlannedImage
    steps: tuple[StepJob, ...]


class FinishRunInput(Contract):
    """A run that came to its end, with a model that the gate let through or not."""

    run_id: str
    passed: bool
    reason: str
    model_version: str | None
    """None: nothing was registered."""
    deployed: bool


class FinishRunOutput(Contract):
    """The recorded end of a run."""

    run_id: str
    status: RunStatus
    reason: str


class FailRunInput(Contract):
    """A run that ended badly, in Step Functions' words."""

    run_id: str
    error: str
    cause: str | None = None


class FailRunOutput(Contract):
    """The recorded failure: the error's class, and a reason that a person can act on."""

    run_id: str
    error: str
    reason: Reason


class ExecutionStopped(Contract):
    """What is used of EventBridge's "Step Functions Execution Status Change"; the rest is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    execution_arn: str = Field(alias="executionArn")
    name: str
    status: Literal["FAILED", "TIMED_OUT", "ABORTED"]
    input: str | None = None
    """JSON; None when it is too large for an event."""
    error: str | None = None
    cause: str | None = None
