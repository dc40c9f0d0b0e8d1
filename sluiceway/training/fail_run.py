"""Records why a run failed, with a reason that a person can act on, and says so on the bus."""

from sluiceway.causes import Cause, parsed, read_cause
from sluiceway.clock import utc_now
from sluiceway.gateways.events import Events
from sluiceway.gateways.ledger import Ledger, RunRecord
from sluiceway.gateways.objects import Objects
from sluiceway.names import run_key
from sluiceway.training.contracts import ExecutionStopped, FailRunInput, FailRunOutput, StepFailure
from sluiceway.training.run_finished import run_finished

LOG_LINES = 15
"""last lines of a step's output that a reason shows"""
OWNER = "fail_run"


def fail_run(
    given: FailRunInput, *, ledger: Ledger, objects: Objects, events: Events, artifacts_bucket: str
) -> FailRunOutput:
    """FAILED, once: what stands in the ledger is kept, and told again."""
    run = ledger.run(given.run_id)
    found = read_cause(given.error, given.cause)
    if not run.ended:
        found = _explained(found, run, objects, artifacts_bucket)
        ledger.finish_run(run.run_id, "FAILED", reason=found.reason, owner=OWNER, at=utc_now())
        run = ledger.run(run.run_id)
    events.publish(run_finished(run))
    return FailRunOutput(run_id=run.run_id, error=found.error, reason=run.reason)


def _explained(found: Cause, run: RunRecord, objects: Objects, bucket: str) -> Cause:
    """A failed job says little; what it left in its folder says why."""
    if found.step is None:
        return found
    failure = _newest_failure(run.run_id, found.step, objects, bucket)
    if failure is None:
        return Cause("StepFailed", f"step {found.step}: {found.reason}")
    return Cause(failure.error, "\n".join([_told(failure), *failure.log_tail[-LOG_LINES:]]))


def _told(failure: StepFailure) -> str:
    named = failure.step in failure.reason
    return failure.reason if named else f"step {failure.step}: {failure.reason}"


def _newest_failure(run_id: str, step: str, objects: Objects, bucket: str) -> StepFailure | None:
    prefix = run_key(run_id, step, "failures")
    keys = sorted(objects.list_keys(bucket, f"{prefix}/"), key=_attempt)
    return StepFailure.model_validate_json(objects.get(bucket, keys[-1])) if keys else None


def _attempt(key: str) -> tuple[int, str]:
    """`…/failures/10.json` comes after `…/failures/2.json`."""
    name = key.rpartition("/")[2].removesuffix(".json")
    return (int(name) if name.isdigit() else 0, name)


def stopped_run(stopped: ExecutionStopped) -> FailRunInput:
    """The failed run of an execution that ended without reaching its own FailRun, or after it."""
    given = parsed(stopped.input) or {}
    return FailRunInput(
        run_id=str(given.get("run_id", stopped.name)),
        error=stopped.error or stopped.status,
        cause=stopped.cause,
    )
