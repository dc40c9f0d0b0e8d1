"""Which mappings are refused."""

from typing import Any

import pytest

from embedded.event_sources import checks

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2026-01-01T00:00:00.000"
KINESIS = "arn:aws:kinesis:us-east-1:000000000000:stream/s"
WINDOW = {"BatchSize": 10_000, "MaximumBatchingWindowInSeconds": 300}


@pytest.mark.parametrize(
    "settings",
    [
        {"EventSourceArn": QUEUE},
        {"EventSourceArn": QUEUE, **WINDOW, "ScalingConfig": {"MaximumConcurrency": 2}},
        {"EventSourceArn": QUEUE, "FunctionResponseTypes": ["ReportBatchItemFailures"], "Tags": {"a": "b"}},
        {"EventSourceArn": QUEUE, "TumblingWindowInSeconds": 0, "BisectBatchOnFunctionError": False},
        {"EventSourceArn": f"{QUEUE}.fifo", "BatchSize": 10},
        {"EventSourceArn": QUEUE, "FilterCriteria": {"Filters": [{"Pattern": '{"body": {"a": [1]}}'}]}},
        {
            "EventSourceArn": STREAM, "StartingPosition": "LATEST", "ParallelizationFactor": 10,
            "MaximumRetryAttempts": 3, "BisectBatchOnFunctionError": True, "MaximumRecordAgeInSeconds": 60,
            "DestinationConfig": {"OnFailure": {"Destination": QUEUE}}, **WINDOW,
        },
        {"EventSourceArn": KINESIS, "StartingPosition": "TRIM_HORIZON", "MaximumRetryAttempts": -1},
    ],
)  # fmt: skip
def test_what_is_done_is_taken(settings: dict[str, Any]) -> None:
    """For each kind of source its own."""
    assert checks.reason({"FunctionName": "f", **settings}, visibility=30) is None


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"EventSourceArn": "arn:aws:kafka:us-east-1:000000000000:cluster/c/1"}, "kafka"),
        ({"EventSourceArn": QUEUE, "BatchSize": 11}, "Maximum batch window"),
        ({"EventSourceArn": QUEUE, "BatchSize": 10_001}, "BatchSize"),
        ({"EventSourceArn": QUEUE, "MaximumBatchingWindowInSeconds": 301}, "MaximumBatchingWindowInSeconds"),
        ({"EventSourceArn": f"{QUEUE}.fifo", "MaximumBatchingWindowInSeconds": 1}, "FIFO"),
        ({"EventSourceArn": f"{QUEUE}.fifo", "BatchSize": 11}, "FIFO"),
        ({"EventSourceArn": QUEUE, "MaximumRetryAttempts": 3}, "MaximumRetryAttempts"),
        ({"EventSourceArn": QUEUE, "ProvisionedPollerConfig": {"MinimumPollers": 2}}, "ProvisionedPoller"),
        ({"EventSourceArn": QUEUE, "FilterCriteria": {"Filters": [{"Pattern": "{"}]}}, "filter"),
        ({"EventSourceArn": STREAM}, "StartingPosition"),
        ({"EventSourceArn": STREAM, "StartingPosition": "AT_TIMESTAMP"}, "StartingPosition"),
        ({"EventSourceArn": STREAM, "StartingPosition": "LATEST", "TumblingWindowInSeconds": 5}, "Tumbling"),
        ({"EventSourceArn": STREAM, "StartingPosition": "LATEST", "MaximumRecordAgeInSeconds": 59}, "Age"),
        ({"EventSourceArn": KINESIS, "StartingPosition": "LATEST", "ParallelizationFactor": 2}, "Parallel"),
        (
            {
                "EventSourceArn": STREAM, "StartingPosition": "LATEST",
                "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::bucket"}},
            },
            "OnFailure",
        ),
    ],
)  # fmt: skip
def test_what_is_not_done_is_refused_by_name(settings: dict[str, Any], named: str) -> None:
    """Nothing that a mapping says is ignored."""
    assert named in (checks.reason({"FunctionName": "f", **settings}, visibility=30) or "")


def test_messages_must_not_come_again_while_the_function_runs() -> None:
    """AWS's own words."""
    found = checks.reason({"EventSourceArn": QUEUE}, visibility=30, timeout=60)
    assert found == "Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds"
