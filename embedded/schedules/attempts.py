"""Whether a failed invocation is tried again, and when; and what its dead letter says.

Without access, without the target, or with a wrong request nothing gets better by waiting: no retry.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from embedded.schedules.placeholders import Invocation
from embedded.schedules.planning import DEFAULT_EVENT_AGE

_MOST_RETRIES = 185
_FIRST_SECONDS, _LONGEST_SECONDS = 1.0, 480.0
_THROTTLED = ("Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown", "LimitExceeded")


class NotDelivered(Exception):
    """A target did not take what it was given."""

    def __init__(self, code: str, message: str, *, may_retry: bool) -> None:
        super().__init__(message)
        self.code = code
        self.may_retry = may_retry


@dataclass(frozen=True)
class Policy:
    """A target's retry policy."""

    retries: int = _MOST_RETRIES
    event_age: float = DEFAULT_EVENT_AGE

    def retry_at(
        self, attempt: int, *, first_at: float, now: float, draw: Callable[[], float]
    ) -> float | None:
        """When to try again after the n-th attempt; None when the policy is exhausted."""
        if attempt > self.retries:
            return None
        wait = min(_LONGEST_SECONDS, _FIRST_SECONDS * 2 ** min(attempt, 20))
        found = now + wait * (0.5 + draw() / 2)
        return found if found - first_at <= self.event_age else None

    def exhausted_by(self, attempt: int) -> str:
        """Which of its limits ended the retries."""
        return "MaximumRetryAttempts" if attempt > self.retries else "MaximumEventAgeInSeconds"


def policy_of(target: Mapping[str, Any]) -> Policy:
    """A target's own policy, or 185 retries within a day."""
    own = target.get("RetryPolicy") or {}
    return Policy(
        retries=int(own.get("MaximumRetryAttempts", _MOST_RETRIES)),
        event_age=float(own.get("MaximumEventAgeInSeconds", DEFAULT_EVENT_AGE)),
    )


def draw() -> float:
    """A number from 0 up to 1, for jitter."""
    return random.random()  # noqa: S311 - no secret


def not_delivered(error: Exception) -> NotDelivered:
    """What a failed call says."""
    if isinstance(error, NotDelivered):
        return error
    if isinstance(error, ClientError):
        found = error.response["Error"]
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
        throttled = status == 429 or any(word in found["Code"] for word in _THROTTLED)
        return NotDelivered(found["Code"], found.get("Message", ""), may_retry=status >= 500 or throttled)
    may_retry = isinstance(error, BotoCoreError) and "Param" not in type(error).__name__
    return NotDelivered(type(error).__name__, str(error), may_retry=may_retry)


def letter(arn: str, target_arn: str, invocation: Invocation, failed: NotDelivered, exhausted: str) -> Any:
    """The attributes of a dead letter, in the shape of SendMessage."""
    values = {
        "ERROR_CODE": failed.code,
        "ERROR_MESSAGE": str(failed),
        "EXECUTION_ID": invocation.execution_id,
        "EXHAUSTED_RETRY_CONDITION": exhausted,
        "IS_PAYLOAD_TRUNCATED": "false",
        "RETRY_ATTEMPTS": str(invocation.attempt - 1),
        "SCHEDULED_TIME": invocation.scheduled_time,
        "SCHEDULE_ARN": arn,
        "TARGET_ARN": target_arn,
    }
    return {key: {"DataType": "String", "StringValue": value} for key, value in values.items() if value}
