"""What a mapping may say; what is not done here is refused by name.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
"""

from collections.abc import Mapping
from typing import Any

Request = Mapping[str, Any]

_COMMON = {"EventSourceArn", "FunctionName", "Enabled", "BatchSize", "FilterCriteria", "Tags"}
_OF_STREAMS = {
    "StartingPosition",
    "MaximumBatchingWindowInSeconds",
    "ParallelizationFactor",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "FunctionResponseTypes",
}
_MEMBERS: Mapping[str, set[str]] = {
    "sqs": _COMMON | {"MaximumBatchingWindowInSeconds", "ScalingConfig", "FunctionResponseTypes"},
    "dynamodb": _COMMON | _OF_STREAMS,
    # MiniStack's own poller reads Kinesis: batches without anything that it would ignore.
    "kinesis": _COMMON | {"StartingPosition", "FunctionResponseTypes"},
}
MEMBERS = frozenset().union(*_MEMBERS.values())
"""All that a mapping may have here."""

# Lowest and highest values, as botocore's model has them.
_RANGES = {
    "BatchSize": (1, 10_000),
    "MaximumBatchingWindowInSeconds": (0, 300),
    "ParallelizationFactor": (1, 10),
    "MaximumRecordAgeInSeconds": (-1, 604_800),
    "MaximumRetryAttempts": (-1, 10_000),
}
# Members that change nothing at these values.
_NOTHING: Mapping[str, Any] = {
    "TumblingWindowInSeconds": 0,
    "MaximumBatchingWindowInSeconds": 0,
    "BisectBatchOnFunctionError": False,
    "ParallelizationFactor": 1,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
}


def reason(request: Request, *, visibility: int | None = None, timeout: int = 3) -> str | None:
    """Why a mapping is refused; None where it is not.

    `visibility` is the queue's timeout and `timeout` the function's, both in seconds.
    """
    service = str(request.get("EventSourceArn", "")).split(":")[2:3]
    known = _MEMBERS.get(service[0] if service else "")
    if known is None:
        return f"Unsupported event source ARN: {request.get('EventSourceArn')}"
    return (
        _unknown(request, known, service[0])
        or _out_of_range(request)
        or _filters(request)
        or (_queue(request, visibility, timeout) if service == ["sqs"] else _stream(request))
    )


def _unknown(request: Request, known: set[str], service: str) -> str | None:
    for name, value in request.items():
        if name not in known and value not in (None, [], {}) and _NOTHING.get(name, _Never) != value:
            return f"{name} is not supported here for event sources of {service}."
    return None


class _Never:
    """Equal to no value of a request."""


def _out_of_range(request: Request) -> str | None:
    for name, (low, high) in _RANGES.items():
        value = request.get(name)
        if value is not None and not low <= value <= high:
            return f"{name} must be from {low} to {high}."
    return None


def _filters(request: Request) -> str | None:
    from ministack.services import eventbridge

    filters = (request.get("FilterCriteria") or {}).get("Filters") or []
    if len(filters) > 10:
        return "FilterCriteria must have at most 10 filters."
    for each in filters:
        if eventbridge._event_pattern_error(each.get("Pattern") or "x"):
            return "Invalid filter pattern definition."
    return None


def _queue(request: Request, visibility: int | None, timeout: int) -> str | None:
    size, window = request.get("BatchSize") or 10, request.get("MaximumBatchingWindowInSeconds") or 0
    if str(request["EventSourceArn"]).endswith(".fifo"):
        if window:
            return "Batching window is not supported for FIFO queues."
        if size > 10:
            return "Batch size is not supported above 10 for FIFO queues."
    if size > 10 and not window:
        return (
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        )
    if visibility is not None and visibility < timeout:
        return (
            f"Queue visibility timeout: {visibility} seconds is less than Function timeout: {timeout} seconds"
        )
    return None


def _stream(request: Request) -> str | None:
    if request.get("StartingPosition") not in ("TRIM_HORIZON", "LATEST"):
        return "StartingPosition must be TRIM_HORIZON or LATEST."
    age = request.get("MaximumRecordAgeInSeconds")
    if age is not None and 0 <= age < 60:
        return "MaximumRecordAgeInSeconds must be -1 or from 60 to 604800."
    on_success = (request.get("DestinationConfig") or {}).get("OnSuccess") or {}
    if on_success.get("Destination"):
        return "DestinationConfig.OnSuccess is not supported for event source mappings."
    on_failure = (request.get("DestinationConfig") or {}).get("OnFailure") or {}
    if (on_failure.get("Destination") or "arn:aws:sqs:").split(":")[2] not in ("sqs", "sns"):
        return "DestinationConfig.OnFailure may be a queue or a topic here."
    return None
