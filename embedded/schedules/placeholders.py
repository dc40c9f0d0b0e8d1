"""Context attributes in a schedule's input.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Invocation:
    """One time that a schedule fires; moments in seconds since 1970."""

    execution_id: str
    scheduled: float
    attempt: int = 1

    @property
    def scheduled_time(self) -> str:
        """The scheduled time in UTC, such as `2022-03-22T18:59:43Z`."""
        return f"{datetime.fromtimestamp(self.scheduled, UTC):%Y-%m-%dT%H:%M:%SZ}"


def fill(text: str, schedule_arn: str, invocation: Invocation) -> str:
    """An input with its placeholders filled; other angle brackets stay as they are."""
    values = {
        "schedule-arn": schedule_arn,
        "scheduled-time": invocation.scheduled_time,
        "execution-id": invocation.execution_id,
        "attempt-number": str(invocation.attempt),
    }
    for name, value in values.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text


def notification(schedule: Mapping[str, Any], invocation: Invocation) -> str:
    """What a templated target gets from a schedule without an input."""
    _, _, _, region, account, _ = schedule["Arn"].split(":", 5)
    event = {
        "version": "0",
        "id": invocation.execution_id,
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": account,
        "time": invocation.scheduled_time,
        "region": region,
        "resources": [schedule["Arn"]],
        "detail": "{}",
    }
    return json.dumps(event)
