"""`sluice.yaml`: what the platform needs beside the MLflow project. Its JSON Schema is in schemas/."""

from typing import Literal, Self

from pydantic import Field, FiniteFloat, model_validator

from sluiceway.contract import Contract
from sluiceway.names import Name, RelativePath
from sluiceway.projects.data_settings import Datasets
from sluiceway.projects.duration import Duration
from sluiceway.projects.preview import Preview
from sluiceway.projects.schedule import Schedules

Pool = Literal["cpu"]
"""Compute target of a step. Later: gpu, their spot twins, worker."""

FARGATE_MEMORY_MIB = {
    0.25: (512, 1024, 2048),
    0.5: tuple(range(1024, 4097, 1024)),
    1.0: tuple(range(2048, 8193, 1024)),
    2.0: tuple(range(4096, 16385, 1024)),
    4.0: tuple(range(8192, 30721, 1024)),
    8.0: tuple(range(16384, 61441, 4096)),
    16.0: tuple(range(32768, 122881, 8192)),
}
"""Memory sizes (MiB) that Fargate offers for each number of vCPUs (AWS Batch user guide)."""


class Resources(Contract):
    """What a step needs; must be a combination that Fargate offers."""

    vcpu: float = Field(default=1.0, description="vCPUs: 0.25, 0.5, 1, 2, 4, 8 or 16")
    memory: int = Field(default=2048, description="memory in MiB")

    @model_validator(mode="after")
    def _offered(self) -> Self:
        sizes = FARGATE_MEMORY_MIB.get(self.vcpu)
        if sizes is None:
            raise ValueError(f"vcpu {self.vcpu:g} is not offered: use one of {sorted(FARGATE_MEMORY_MIB)}")
        if self.memory not in sizes:
            nearest = min(sizes, key=lambda size: abs(size - self.memory))
            raise ValueError(
                f"{self.memory} MiB is not offered with {self.vcpu:g} vCPU; nearest is {nearest} MiB"
            )
        return self


class Step(Contract):
    """One entry point of `MLproject`, executed as one Batch job."""

    entry_point: str | None = Field(
        default=None, description="entry point in MLproject; default: the step's name"
    )
    parameters: dict[str, str | int | FiniteFloat | bool] = Field(
        default_factory=dict,
        description="values for the entry point; {data.NAME}, {steps.NAME} and {output} become local folders",
    )
    needs: list[Name] | None = Field(
        default=None, description="steps that must be done before; default: the step above"
    )
    resources: Resources = Resources()
    pool: Pool = "cpu"
    timeout: Duration = Field(default=3600, ge=60, le=14 * 86400, description="seconds, or 15m, 2h, 1d")
    attempts: int = Field(
        default=2, ge=1, le=10, description="tries when a machine is lost; a failing step is not retried"
    )


class Model(Contract):
    """Which step logs the MLflow model."""

    step: Name = Field(description="the step that calls mlflow.<flavour>.log_model")
    name: str = Field(default="model", description="name under which the step logs it")


MetricName = Literal[
    "accuracy",
    "balanced_accuracy",
    "precision",
    "recall",
    "f1",
    "roc_auc",
    "average_precision",
    "log_loss",
    "brier",
    "rmse",
    "mae",
    "r2",
]
LOWER_IS_BETTER: frozenset[str] = frozenset({"log_loss", "brier", "rmse", "mae"})
"""Metrics of which less is better; of the others more is."""


class Evaluate(Contract):
    """How challenger and champion are compared: on the same held-out rows."""

    holdout: RelativePath = Field(
        pattern=r"^[a-z][a-z0-9-]{1,38}/.+\.parquet$",
        description="STEP/PATH of the Parquet file with held-out rows, an output of a step",
    )
    target: str = Field(description="column of the true value")
    prediction: str | None = Field(
        default=None, description="column of the model's output; default: its last column"
    )
    metrics: list[MetricName] = Field(min_length=1)


class Gate(Contract):
    """The rule that decides whether a trained model may go on."""

    metric: MetricName
    minimum: FiniteFloat | None = Field(default=None, description="the metric must be at least this")
    maximum: FiniteFloat | None = Field(default=None, description="the metric must be at most this")
    margin: FiniteFloat = Field(
        default=0.0,
        description="by how much the champion must be beaten; negative: how much worse is still fine",
    )
    approval: bool = Field(
        default=False, description="what passes is deployed only when somebody approves it (`sluice approve`)"
    )

    @model_validator(mode="after")
    def _can_pass(self) -> Self:
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"minimum {self.minimum:g} is above maximum {self.maximum:g}: nothing can pass")
        return self


class Deploy(Contract):
    """The SageMaker endpoint."""

    instance_type: str = Field(default="ml.m5.large", pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9-]+$")
    instance_count: int = Field(default=1, ge=1, le=20)


class SluiceConfig(Contract):
    """The whole of `sluice.yaml`."""

    project: Name
    data: Datasets = Field(
        min_length=1, description="datasets that the project is trained on; a new version of one starts a run"
    )
    schedule: Schedules = Field(default=(), description="when runs start by themselves")
    preview: Preview | None = Field(
        default=None, description="how a pull request is tried: on less data, or for less time"
    )
    steps: dict[Name, Step] = Field(min_length=1, max_length=20, description="in the order in which they run")
    model: Model
    evaluate: Evaluate
    gate: Gate
    deploy: Deploy | None = Deploy()

    @model_validator(mode="after")
    def _references(self) -> Self:
        known = list(self.steps)
        if self.model.step not in self.steps:
            raise ValueError(f"model.step {self.model.step!r} is not one of the steps {known}")
        holdout_step = self.evaluate.holdout.partition("/")[0]
        if holdout_step not in self.steps:
            raise ValueError(f"evaluate.holdout names the step {holdout_step!r}; the steps are {known}")
        if self.gate.metric not in self.evaluate.metrics:
            raise ValueError(f"gate.metric {self.gate.metric!r} is not one of evaluate.metrics")
        if self.gate.approval and self.deploy is None:
            raise ValueError("gate.approval: nothing is deployed that could be approved: `deploy` is null")
        for position, (name, step) in enumerate(self.steps.items()):
            for needed in step.needs or []:
                if needed not in known[:position]:
                    raise ValueError(f"steps.{name}.needs: {needed!r} is not a step above it")
        return self


class EntryPoint(Contract):
    """One entry point of an `MLproject` file."""

    command: str
    parameters: dict[str, "EntryPointParameter"] = Field(default_factory=dict)


class EntryPointParameter(Contract):
    """Type and default of an entry point's parameter (MLflow: string, float, path or uri)."""

    type: str = "string"
    default: str | int | FiniteFloat | None = None


class MlProject(Contract):
    """What is used of an `MLproject` file."""

    name: str
    entry_points: dict[str, EntryPoint]
    environment_files: tuple[RelativePath, ...] = Field(
        description="python_env.yaml or conda.yaml, and the requirements files that it names"
    )
