"""What a schedule may say, before it is stored: MiniStack takes anything."""

from collections.abc import Mapping
from typing import Any

from botocore.validate import ParamValidator

from embedded import shapes
from embedded.schedules import expressions, targets

_MODEL = "scheduler"


def reason(name: str, body: Mapping[str, Any]) -> str | None:
    """Why AWS would refuse a request to create or update a schedule; None where it would not."""
    shape: Any = shapes.service_model(_MODEL).shape_for("CreateScheduleInput")
    loaded = shapes.load(shape, {"Name": name} | dict(body))
    report = ParamValidator().validate(loaded, shape)
    if report.has_errors():
        return f"1 validation error detected: {report.generate_report()}"
    try:
        expressions.parse(body["ScheduleExpression"], body.get("ScheduleExpressionTimezone") or "UTC")
        targets.check(body["Target"])
    except expressions.InvalidExpression:
        return f"Invalid Schedule Expression {body['ScheduleExpression']}."
    except targets.InvalidTarget as error:
        return str(error)
    return _window(body["FlexibleTimeWindow"]) or _dates(body) or _numbers(body["Target"])


def _window(window: Mapping[str, Any]) -> str | None:
    minutes = window.get("MaximumWindowInMinutes")
    if window["Mode"] == "FLEXIBLE":
        return None if minutes and 1 <= minutes <= 1_440 else "MaximumWindowInMinutes must be from 1 to 1440."
    return (
        None if minutes is None else "MaximumWindowInMinutes is not for a flexible time window that is OFF."
    )


def _dates(body: Mapping[str, Any]) -> str | None:
    start, end = body.get("StartDate"), body.get("EndDate")
    if start is not None and end is not None and end <= start:
        return "EndDate must come after StartDate."
    return None


def _numbers(target: Mapping[str, Any]) -> str | None:
    retry = target.get("RetryPolicy") or {}
    if not 60 <= retry.get("MaximumEventAgeInSeconds", 60) <= 86_400:
        return "MaximumEventAgeInSeconds must be from 60 to 86400."
    if not 0 <= retry.get("MaximumRetryAttempts", 0) <= 185:
        return "MaximumRetryAttempts must be from 0 to 185."
    dead = (target.get("DeadLetterConfig") or {}).get("Arn", "arn:aws:sqs:")
    if not dead.startswith("arn:aws:sqs:") or dead.endswith(".fifo"):
        return "A dead-letter queue must be a standard queue of Amazon SQS."
    return None
