"""The pure parts of the mends."""

import json
from typing import Any

import pytest

from embedded.integrations import TaskFailure
from embedded.mends import embedded_metrics, retries, task_permissions

LAMBDA = "arn:aws:states:::lambda:invoke"


@pytest.mark.parametrize(("attempts", "expected"), [(0, 2), (1, 4), (2, 8), (3, 10), (9, 10)])
def test_delays_grow_to_their_cap(attempts: int, expected: float) -> None:
    """interval · rate^attempts, and not above MaxDelaySeconds."""
    assert (
        retries.delay({"IntervalSeconds": 2, "BackoffRate": 2, "MaxDelaySeconds": 10}, attempts) == expected
    )


def test_full_jitter_draws_from_zero_to_the_delay() -> None:
    """JitterStrategy FULL: anything between zero and the delay."""
    retrier = {"IntervalSeconds": 4, "BackoffRate": 1, "JitterStrategy": "FULL"}
    assert retries.delay(retrier, 0, draw=lambda low, high: (low + high) / 2) == 2


def _emf(**changes: Any) -> str:
    directive = {"Namespace": "N", "Dimensions": [["a"]], "Metrics": [{"Name": "M", "Unit": "Count"}]}
    meta = {"Timestamp": 2000, "CloudWatchMetrics": [directive | changes]}
    return json.dumps({"_aws": meta, "a": "x", "b": "y", "M": [1, 2]})


def test_an_embedded_metric_is_read() -> None:
    """Namespace, name, dimensions, time, unit and every value."""
    (found,) = embedded_metrics.read(_emf())
    assert (found.namespace, found.name, found.at, found.unit) == ("N", "M", 2.0, "Count")
    assert (found.dimensions, found.values) == ({"a": "x"}, [1.0, 2.0])


def test_each_set_of_dimensions_is_a_metric() -> None:
    """Two dimension sets: two metrics; none at all: one without dimensions."""
    assert [found.dimensions for found in embedded_metrics.read(_emf(Dimensions=[["a"], ["a", "b"]]))] == [
        {"a": "x"},
        {"a": "x", "b": "y"},
    ]
    assert [found.dimensions for found in embedded_metrics.read(_emf(Dimensions=[]))] == [{}]


@pytest.mark.parametrize(
    "message", ["plain", '{"_aws": 1}', '{"_aws": {"CloudWatchMetrics": [{}]}}', '"_aws"{']
)
def test_a_malformed_metric_is_a_log_line(message: str) -> None:
    """CloudWatch keeps the line and makes no metric of it."""
    assert list(embedded_metrics.read(message)) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Metrics": [{"Name": "gone"}, {"Name": "M"}]}, ["M"]),
        ({"Metrics": [{"Name": "a"}]}, []),
        ({"Metrics": ["M"]}, []),
        ({"Dimensions": [["gone"], ["a"]]}, ["M"]),
        ({"Dimensions": [[str(number) for number in range(31)]]}, []),
        ({"Namespace": 5}, []),
    ],
)
def test_what_is_wrong_in_a_metric_is_left_out(changes: Any, expected: list[str]) -> None:
    """The rest of the document still counts."""
    assert [found.name for found in embedded_metrics.read(_emf(**changes))] == expected


@pytest.mark.parametrize(
    ("now", "number"), [(2, 1), (2 + 14 * 86_400, 1), (3 + 14 * 86_400, 0), (2 - 7_201, 0)]
)
def test_a_metric_has_a_time_that_cloudwatch_takes(now: float, number: int) -> None:
    """Not older than two weeks, nor more than two hours ahead."""
    assert len(list(embedded_metrics.read(_emf(), now=now))) == number


def test_a_function_name_becomes_its_arn() -> None:
    """IAM is asked about the function's ARN, whichever way the Task names it; with its qualifier."""
    arn = "arn:aws:lambda:us-east-1:000000000000:function:f"
    asked = [{"FunctionName": "f"}, {"FunctionName": arn}, {"FunctionName": "f", "Qualifier": "live"}]
    found = [task_permissions.needs(LAMBDA, arguments)[0][1] for arguments in asked]
    assert found == [arn, arn, f"{arn}:live"]


def test_a_nested_execution_needs_its_managed_rule() -> None:
    """`.sync` learns of the child's end by a rule that it makes under the machine's role."""
    machine = "arn:aws:states:us-east-1:000000000000:stateMachine:m"
    arguments = {"StateMachineArn": machine, "Name": "n"}
    found = task_permissions.needs("arn:aws:states:::states:startExecution.sync:2", arguments)
    assert found[0] == ("states:StartExecution", machine)
    assert found[1] == ("states:DescribeExecution", "arn:aws:states:us-east-1:000000000000:execution:m:n")
    assert "events:PutRule" in {action for action, _ in found}


def test_an_unknown_resource_is_refused() -> None:
    """What is not in the table cannot be checked, and so does not run."""
    with pytest.raises(TaskFailure, match="glue:startJobRun is not supported"):
        task_permissions.needs("arn:aws:states:::glue:startJobRun", {})
