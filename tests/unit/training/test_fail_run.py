"""The bad end of a run, whatever it was that failed."""

import json

from sluiceway.names import run_key
from sluiceway.reasons import LONGEST
from sluiceway.training.contracts import ExecutionStopped, FailRunInput, FailRunOutput, StepFailure
from sluiceway.training.fail_run import fail_run, stopped_run
from sluiceway.triggers.contracts import RunFinished
from tests.fakes.run_world import BUCKET, RUN, World

JOB = {
    "JobName": "train",
    "JobId": "1",
    "Status": "FAILED",
    "StatusReason": "Essential container in task exited",
    "Container": {"Command": ["run-step", "--plan", "s3://a/b", "--step", "train"], "ExitCode": 1},
}


def test_a_failed_step_is_explained_by_what_it_left() -> None:
    """The newest attempt counts, by number and not by text; its last lines are shown."""
    world = _claimed()
    for attempt in (2, 10):
        world.write(run_key(RUN, "train", "failures", f"{attempt}.json"), _failure(f"attempt {attempt}"))
    failed = _fail(world, "States.TaskFailed", json.dumps(JOB))
    assert failed.reason == "step train: attempt 10\nTraceback\nValueError: no rows"
    assert (failed.error, world.ledger.run(RUN).status) == ("StepFailed", "FAILED")


def test_a_step_that_left_nothing_is_explained_by_batch() -> None:
    """For example when the machine's memory was exhausted."""
    killed = JOB | {"Container": {"Command": ["run-step", "--step", "train"], "ExitCode": 137}}
    failed = _fail(_claimed(), "States.TaskFailed", json.dumps(killed))
    assert failed.error == "StepFailed"
    assert "exit code 137 (killed: out of memory?)" in failed.reason


def test_a_failed_function_is_explained_by_its_exception() -> None:
    """Class and message of the error."""
    cause = json.dumps({"errorType": "InvalidModel", "errorMessage": "no signature", "stackTrace": []})
    failed = _fail(_claimed(), "InvalidModel", cause)
    assert (failed.error, failed.reason) == ("InvalidModel", "no signature")


def test_a_nested_execution_is_explained_by_what_failed_in_it() -> None:
    """On AWS the cause is the child's description, with its own cause in it."""
    inner = json.dumps({"errorType": "BuildFailed", "errorMessage": "pip found no such version"})
    child = {"ExecutionArn": "arn:…", "Status": "FAILED", "Error": "BuildFailed", "Cause": inner}
    failed = _fail(_claimed(), "States.TaskFailed", json.dumps(child))
    assert (failed.error, failed.reason) == ("BuildFailed", "pip found no such version")


def test_an_aborted_execution_is_recorded_by_its_event() -> None:
    """It has neither error nor cause, and its name is the run's id."""
    event = {"executionArn": "arn:…", "name": RUN, "status": "ABORTED", "input": None, "startDate": 1}
    given = stopped_run(ExecutionStopped.model_validate(event))
    world = _claimed()
    _run(world, given)
    run = world.ledger.run(RUN)
    assert (run.status, run.reason) == ("FAILED", "its execution was stopped by hand")


def test_the_first_recorded_reason_stands() -> None:
    """The event that follows a failed execution says less than the machine's own FailRun did."""
    world = _claimed()
    first = _fail(world, "InvalidModel", "no signature")
    assert _fail(world, "FAILED", None).reason == first.reason == "no signature"
    told = [event for event in world.events.published if isinstance(event, RunFinished)]
    assert len({event.event_id for event in told}) == 1


def test_a_reason_of_any_length_can_be_recorded() -> None:
    """Step Functions takes 32,768 characters of cause, DynamoDB items of 400 KB."""
    world = _claimed()
    cause = json.dumps({"errorType": "BuildFailed", "errorMessage": "pip found no such version\n" * 50_000})
    failed = _fail(world, "BuildFailed", cause)
    assert failed.reason == world.ledger.run(RUN).reason
    assert len(failed.reason) <= LONGEST
    assert failed.reason.startswith("pip found no such version")


def _claimed() -> World:
    world = World()
    world.claim()
    return world


def _failure(reason: str) -> StepFailure:
    tail = ("Traceback", "ValueError: no rows")
    return StepFailure(
        run_id=RUN, step="train", error="StepFailed", reason=reason, exit_code=1, log_tail=tail
    )


def _fail(world: World, error: str, cause: str | None) -> FailRunOutput:
    return _run(world, FailRunInput(run_id=RUN, error=error, cause=cause))


def _run(world: World, given: FailRunInput) -> FailRunOutput:
    return fail_run(
        given, ledger=world.ledger, objects=world.objects, events=world.events, artifacts_bucket=BUCKET
    )
