"""However an attempt ends badly, a reason is left where fail_run looks for it."""

from containers.trainer.attempt import Attempt, EntryPointFailed, recorded
from sluiceway.errors import InvalidDataset
from sluiceway.training.contracts import StepFailure
from tests.fakes.objects import MemoryObjects

PLAN = "s3://artifacts/runs/pp-1/plan.json"


def failure_after(error: Exception) -> tuple[int, StepFailure]:
    objects = MemoryObjects()
    attempt = Attempt.of(PLAN, "train", {"AWS_BATCH_JOB_ATTEMPT": "2", "AWS_BATCH_JOB_ID": "j"})
    with recorded(objects, attempt) as ending:
        raise error
    content = objects.get("artifacts", "runs/pp-1/train/failures/2.json")
    return ending.exit_code, StepFailure.model_validate_json(content)


def test_an_error_of_ours_keeps_its_class() -> None:
    """The class decides whether to try again."""
    code, failure = failure_after(InvalidDataset("flights holds no files"))
    assert (code, failure.error, failure.reason) == (1, "InvalidDataset", "flights holds no files")


def test_the_projects_own_failure_is_a_failed_step_with_its_last_lines() -> None:
    """What it wrote last is kept."""
    code, failure = failure_after(EntryPointFailed("it broke", exit_code=3, log_tail=("a", "b")))
    assert (code, failure.error, failure.exit_code, failure.log_tail) == (1, "StepFailed", 3, ("a", "b"))


def test_an_unexpected_exception_is_named() -> None:
    """Nothing ends without a reason."""
    _, failure = failure_after(ZeroDivisionError("division by zero"))
    assert failure.error == "StepFailed"
    assert "ZeroDivisionError: division by zero" in failure.reason


def test_an_attempt_is_known_by_job_and_number() -> None:
    """The same attempt asks with the same identity."""
    attempt = Attempt.of(PLAN, "train", {"AWS_BATCH_JOB_ATTEMPT": "2", "AWS_BATCH_JOB_ID": "j"})
    assert (attempt.run_id, attempt.number, attempt.identity) == ("pp-1", 2, "j:2")
