"""Run one step: fetch what it needs, run its entry point, keep what it leaves behind. Repeatable."""

import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from containers.trainer import tracking, usage
from containers.trainer.command import filled_command
from containers.trainer.connections import THREADS
from containers.trainer.entry_point import EntryPoint
from containers.trainer.fetching import Fetcher
from containers.trainer.keeping import keep_outputs
from containers.trainer.workspace import Workspace
from sluiceway.clock import utc_now
from sluiceway.errors import NotFound, SluicewayError
from sluiceway.gateways.objects import Objects, read_contract, write_contract_once
from sluiceway.gateways.records import Claim
from sluiceway.gateways.registry import Registry
from sluiceway.names import run_key, s3_uri
from sluiceway.training.contracts import PlannedStep, RunPlan, StepResult


def run_step(
    plan: RunPlan, step: PlannedStep, *, objects: Objects, registry: Registry, attempt: str
) -> StepResult:
    """The step's result: the one that stands already, or a new one."""
    uri = result_uri(plan, step)
    standing = _standing(objects, uri)
    if standing is not None:
        return standing
    with tempfile.TemporaryDirectory(prefix="step-") as folder, ThreadPoolExecutor(THREADS) as pool:
        workspace = Workspace(Path(folder).resolve())
        result = _Attempt(plan, step, objects, registry, workspace, pool).run(attempt)
    if write_contract_once(objects, uri, result) is Claim.THEIRS:
        return read_contract(objects, uri, StepResult)
    return result


def result_uri(plan: RunPlan, step: PlannedStep) -> str:
    """Where the step's result lies, written once."""
    return s3_uri(plan.artifacts_bucket, run_key(plan.run_id, step.name, "result.json"))


def _standing(objects: Objects, uri: str) -> StepResult | None:
    """The result that a job of this step has left already."""
    try:
        return read_contract(objects, uri, StepResult)
    except NotFound:
        return None


class _Attempt:
    """One try at a step, in a folder of its own."""

    def __init__(
        self,
        plan: RunPlan,
        step: PlannedStep,
        objects: Objects,
        registry: Registry,
        workspace: Workspace,
        pool: ThreadPoolExecutor,
    ) -> None:
        self._plan, self._step, self._objects, self._registry = plan, step, objects, registry
        self._workspace, self._pool = workspace, pool
        self._uri = result_uri(plan, step)

    def run(self, attempt: str) -> StepResult:
        """Fetch, run, keep; the MLflow run ends as the step does."""
        started_at = utc_now()
        beginning = self._pool.submit(tracking.begin, self._registry, self._plan, self._step, attempt)
        try:
            size = Fetcher(self._objects, self._pool).fetch(self._plan, self._step, self._workspace)
            tracked = beginning.result()
            self._entry_point(tracked, size)
            # Another job of this step may have ended meanwhile: the outputs that its result names must stay.
            result = _standing(self._objects, self._uri) or self._result(tracked, started_at)
        except BaseException:
            self._end_badly(beginning)
            raise
        self._registry.set_terminated(tracked, "FINISHED")
        return result

    def _end_badly(self, beginning: "Future[str]") -> None:
        """Best effort: the reason for the failure must not be hidden by MLflow's own troubles."""
        with suppress(SluicewayError):
            self._registry.set_terminated(beginning.result(), "FAILED")

    def _entry_point(self, mlflow_run_id: str, dataset_bytes: int) -> None:
        command = filled_command(self._step, self._workspace)
        meter = usage.Meter.start()
        try:
            EntryPoint(self._step, command, self._workspace, self._plan, mlflow_run_id).run()
        finally:
            meter.emit(project=self._plan.project, step=self._step.name, dataset_bytes=dataset_bytes)

    def _result(self, mlflow_run_id: str, started_at: str) -> StepResult:
        found = self._pool.submit(tracking.logged, self._registry, self._objects, self._plan, mlflow_run_id)
        bucket, prefix = self._plan.artifacts_bucket, run_key(self._plan.run_id, self._step.name, "output")
        outputs = keep_outputs(self._workspace.output, bucket, prefix, objects=self._objects, pool=self._pool)
        metrics, model = found.result()
        return StepResult(
            run_id=self._plan.run_id,
            step=self._step.name,
            mlflow_run_id=mlflow_run_id,
            outputs=outputs,
            metrics=metrics,
            model=model,
            started_at=started_at,
            finished_at=utc_now(),
        )
