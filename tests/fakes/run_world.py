"""A world in memory in which a run can be brought as far as a test needs it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sluiceway.contract import Contract
from sluiceway.endpoints.contracts import StartDeploymentInput, StartDeploymentOutput
from sluiceway.endpoints.resource_names import endpoint_name
from sluiceway.endpoints.start_deployment import HostingSettings, start_deployment
from sluiceway.gateways.ledger import ImageRecord, Ledger, RunRecord
from sluiceway.images.platform_files import DOCKERFILE
from sluiceway.models.contracts import RegisterModelInput
from sluiceway.models.register_model import register_model
from sluiceway.names import code_archive_key, run_key, s3_uri
from sluiceway.projects.code_version import canonical_archive
from sluiceway.training.contracts import (
    EvaluationResult,
    LoggedModel,
    OutputFile,
    PlanRunInput,
    PlanRunOutput,
    RunPlan,
    Score,
    StepResult,
)
from sluiceway.training.plan_run import plan_run
from tests.fakes.events import MemoryEvents
from tests.fakes.hosting import MemoryHosting, MemoryInvocations
from tests.fakes.images import MemoryBuildLogs, MemoryImages
from tests.fakes.jobs import MemoryJobs
from tests.fakes.ledger import memory_ledger
from tests.fakes.objects import MemoryObjects
from tests.fakes.registry import MemoryRegistry

BUCKET = "artifacts"
PROJECT = "flight-delay"
PREFIX = "sluiceway-test"
RUN = f"{PROJECT}-0123456789ab"
AT = "2026-11-21T12:00:00.000Z"
VERSION = "c" * 64
PLATFORM = {
    DOCKERFILE: b"ARG PYTHON_VERSION=3.13\nFROM python:${PYTHON_VERSION}-slim\n",
    "containers/a.py": b"1",
}
HOSTING = HostingSettings(
    prefix=PREFIX, role_arn="arn:aws:iam::123456789012:role/endpoint", artifacts_bucket=BUCKET
)
RESPONSE = '{"predictions": [0.25, 0.75]}'

MLPROJECT = b"""\
name: flight-delay
python_env: python_env.yaml
entry_points:
  prepare:
    parameters: {data: path, output: string, days: {type: float, default: 7}}
    command: "python prepare.py {data} {output} {days}"
  train:
    parameters: {prepared: path, trees: {type: float, default: 50}}
    command: "python train.py {prepared} {trees}"
"""
SLUICE = b"""\
project: flight-delay
data: [flights]
steps:
  prepare:
    parameters: {data: "{data.flights}", output: "{output}"}
    resources: {vcpu: 0.5, memory: 1024}
  train:
    parameters: {prepared: "{steps.prepare}", trees: 80}
model: {step: train}
evaluate: {holdout: prepare/holdout.parquet, target: delayed, metrics: [roc_auc, log_loss]}
gate: {metric: roc_auc, minimum: 0.6}
"""
FILES = {
    "MLproject": MLPROJECT,
    "sluice.yaml": SLUICE,
    "python_env.yaml": b'python: "3.12"\ndependencies:\n  - -r requirements.txt\n',
    "requirements.txt": b"scikit-learn==1.9.1\n",
    "train.py": b"print('training')\n",
}


@dataclass(frozen=True)
class Tree:
    """A source tree in memory."""

    files: Mapping[str, bytes]

    def paths(self) -> list[str]:
        return sorted(self.files)

    def read(self, path: str) -> bytes:
        return self.files[path]


@dataclass
class World:
    """Everything outside, in memory, and how far one run of it has come."""

    ledger: Ledger = field(default_factory=memory_ledger)
    objects: MemoryObjects = field(default_factory=MemoryObjects)
    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    events: MemoryEvents = field(default_factory=MemoryEvents)
    images: MemoryImages = field(default_factory=MemoryImages)
    jobs: MemoryJobs = field(default_factory=MemoryJobs)
    logs: MemoryBuildLogs = field(default_factory=MemoryBuildLogs)
    hosting: MemoryHosting = field(default_factory=MemoryHosting)
    invocations: MemoryInvocations = field(default_factory=lambda: MemoryInvocations(RESPONSE))
    endpoint: str = endpoint_name(PREFIX, PROJECT)
    hosting_settings: HostingSettings = HOSTING

    def claim(self, run_id: str = RUN, *, files: Mapping[str, bytes] = FILES, **asked: object) -> RunRecord:
        """A run that was requested, its code in the bucket; `asked` are fields of its record."""
        given = {
            "run_id": run_id,
            "project": PROJECT,
            "trigger": "upload",
            "event_id": "event-1",
            "code_version": VERSION,
            "dataset_versions": {"flights": "d" * 64},
            "requested_at": AT,
        }
        record = RunRecord.model_validate(given | asked)
        self.ledger.claim_run(record)
        self.objects.put(BUCKET, code_archive_key(PROJECT, VERSION), canonical_archive(Tree(files)))
        return record

    def plan(self, run_id: str = RUN) -> PlanRunOutput:
        """A planned run."""
        return plan_run(
            PlanRunInput(run_id=run_id, execution_arn=f"arn:aws:states:::execution:run_pipeline:{run_id}"),
            ledger=self.ledger,
            objects=self.objects,
            registry=self.registry,
            artifacts_bucket=BUCKET,
            tracking_uri="http://mlflow",
            platform=PLATFORM,
        )

    def build(self, tag: str) -> ImageRecord:
        """An image that was built and recorded."""
        pushed = self.images.push(tag)
        arn = f"arn:aws:batch:us-east-1:123456789012:job-definition/{tag[:16]}:1"
        record = ImageRecord(
            tag=tag, digest=pushed.digest, uri=pushed.uri, job_definition_arn=arn, recorded_at=AT
        )
        self.ledger.record_image(record)
        return record

    def planned(self, run_id: str = RUN) -> RunPlan:
        """A planned run whose image stands, as its plan."""
        self.claim(run_id)
        self.build(self.plan(run_id).image.tag)
        return RunPlan.model_validate_json(self.objects.get(BUCKET, run_key(run_id, "plan.json")))

    def trained(self, run_id: str = RUN, **changed: object) -> RunPlan:
        """A run whose steps are done; `changed` are fields of the train step's result."""
        plan = self.planned(run_id)
        self.leave_result(run_id, "prepare")
        self.leave_result(run_id, "train", **changed)
        return plan

    def leave_result(self, run_id: str, step: str, **changed: object) -> None:
        """What the job of a step leaves."""
        result = _RESULTS[step](run_id).model_copy(update=changed)
        self.write(run_key(run_id, step, "result.json"), result)

    def scored(self, run_id: str = RUN) -> tuple[RunPlan, tuple[str, ...]]:
        """A run whose model was scored, and where the result lies."""
        plan = self.trained(run_id)
        key = run_key(run_id, "evaluation", plan.image_tag, "result.json")
        self.write(key, result_of(score("challenger", 0.7), run_id=run_id))
        return plan, (s3_uri(BUCKET, key),)

    def registered(self, run_id: str = RUN) -> str:
        """A run whose model is registered, as its version."""
        _, uris = self.scored(run_id)
        given = RegisterModelInput(run_id=run_id, plan_uri=plan_uri(run_id), result_uris=uris)
        return register_model(
            given, ledger=self.ledger, objects=self.objects, registry=self.registry, events=self.events
        ).model_version

    def start(self, run_id: str, version: str) -> StartDeploymentOutput:
        """Start the deployment of a registered version."""
        return start_deployment(
            StartDeploymentInput(deployment_id=run_id, run_id=run_id, model_version=version),
            ledger=self.ledger,
            objects=self.objects,
            registry=self.registry,
            hosting=self.hosting,
            settings=self.hosting_settings,
        )

    def write(self, key: str, record: Contract) -> None:
        """An object that holds a contract."""
        self.objects.put(BUCKET, key, record.model_dump_json().encode())


def plan_uri(run_id: str = RUN) -> str:
    """Where a run's plan lies."""
    return s3_uri(BUCKET, run_key(run_id, "plan.json"))


def score(
    role: str, roc_auc: float | None, *, log_loss: float | None = 0.5, version: str | None = None
) -> Score:
    """What a candidate reached."""
    return Score.model_validate(
        {
            "role": role,
            "model_version": version,
            "metrics": {"roc_auc": roc_auc, "log_loss": log_loss},
            "rows": 100,
            "sample_request": '{"dataframe_split": {}}',
            "sample_response": RESPONSE,
        }
    )


def result_of(*scores: Score, run_id: str = RUN, holdout: str = "f" * 64) -> EvaluationResult:
    """An evaluation's result."""
    return EvaluationResult(run_id=run_id, holdout_sha256=holdout, scores=scores)


def _prepared(run_id: str) -> StepResult:
    holdout = OutputFile(path="holdout.parquet", size=1, sha256="e" * 64)
    return _result(run_id, "prepare", outputs=(holdout,))


def _fitted(run_id: str) -> StepResult:
    uri = f"s3://{BUCKET}/m-{run_id}"
    model = LoggedModel(model_id=f"m-{run_id}", name="model", artifact_uri=uri, has_signature=True)
    return _result(run_id, "train", model=model)


_RESULTS = {"prepare": _prepared, "train": _fitted}


def _result(run_id: str, step: str, **fields: object) -> StepResult:
    given = {"outputs": (), "metrics": {"loss": 0.5}, **fields}
    times = {"started_at": AT, "finished_at": AT}
    return StepResult.model_validate(
        {"run_id": run_id, "step": step, "mlflow_run_id": f"mlflow-{run_id}", **times, **given}
    )
