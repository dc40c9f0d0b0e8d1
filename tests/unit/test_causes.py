"""What failed, dug out of what Step Functions says."""

import json

import pytest

from sluiceway.causes import Cause, read_cause

LAMBDA = json.dumps({"errorType": "InvalidModel", "errorMessage": "no signature"})
JOB = {
    "jobId": "1",
    "statusReason": "Host EC2 terminated",
    "container": {"command": ["evaluate", "--job", "s3://a"]},
}


@pytest.mark.parametrize(
    ("error", "cause", "found"),
    [
        ("InvalidModel", LAMBDA, Cause("InvalidModel", "no signature")),
        ("DeploymentFailed", "it answered 500", Cause("DeploymentFailed", "it answered 500")),
        ("States.TaskFailed", json.dumps(JOB), Cause("StepFailed", "Host EC2 terminated", "evaluation")),
        ("States.Timeout", None, Cause("States.Timeout", "it took longer than the state machine allows")),
        ("Some.Error", "", Cause("Some.Error", "Some.Error, without a cause")),
        ("E", '["not", "an", "object"]', Cause("E", '["not", "an", "object"]')),
        ("E", '{"unknown": "shape"}', Cause("E", '{"unknown": "shape"}')),
    ],
)
def test_each_shape_is_read(error: str, cause: str | None, found: Cause) -> None:
    """A function, a text, a job, a timeout, nothing, and what nobody foresaw."""
    assert read_cause(error, cause) == found


def test_nested_executions_are_followed_to_what_failed() -> None:
    """Two machines deep; one that timed out says so."""
    child = {"ExecutionArn": "arn:child", "Status": "FAILED", "Error": "InvalidModel", "Cause": LAMBDA}
    parent = {"ExecutionArn": "arn:parent", "Status": "FAILED", "Error": "States.TaskFailed"}
    nested = json.dumps(parent | {"Cause": json.dumps(child)})
    assert read_cause("States.TaskFailed", nested) == Cause("InvalidModel", "no signature")
    timed_out = json.dumps({"ExecutionArn": "arn:child", "Status": "TIMED_OUT"})
    assert read_cause("States.TaskFailed", timed_out).reason.startswith("it took longer")


def test_an_error_that_nobody_foresaw_keeps_its_name() -> None:
    """`list index out of range` alone would tell nobody anything."""
    cause = json.dumps({"errorType": "IndexError", "errorMessage": "list index out of range"})
    assert read_cause("IndexError", cause) == Cause("IndexError", "IndexError: list index out of range")
