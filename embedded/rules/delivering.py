"""One event to one target: attempts, retries within the target's policy, and the dead letter.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from embedded.rules.inputs import Delivery
from embedded.schedules import attempts
from embedded.schedules.attempts import NotDelivered

logger = logging.getLogger(__name__)

# How AWS calls, in a dead letter, what the services' errors say.
_CODES = (
    ("NO_PERMISSIONS", ("AccessDenied", "NotAuthorized", "UnauthorizedOperation")),
    ("NO_RESOURCE", ("DoesNotExist", "NotFound", "NonExistent")),
    ("THROTTLING", ("Throttl", "TooManyRequests", "LimitExceeded", "SlowDown")),
)


@dataclass(frozen=True)
class Shipment:
    """What is on its way to a target."""

    target: Mapping[str, Any]
    rule: Mapping[str, Any]
    delivery: Delivery
    raw: Mapping[str, Any] = field(default_factory=dict)
    """The event as MiniStack keeps it."""
    attempt: int = 1
    first_at: float | None = None


@dataclass(frozen=True)
class Ways:
    """How to act on the world."""

    send: Callable[[Shipment], None]
    """Give the target its payload; raises when it does not take it."""
    bury: Callable[[Shipment, Mapping[str, Any]], None]
    """Write a dead letter with these attributes; raises when that fails."""
    count: Callable[[Shipment, str], None]
    """Count one in a metric of AWS/Events."""
    later: Callable[[float, Callable[[], None]], None]
    """Do something after so many seconds."""
    clock: Callable[[], float]
    draw: Callable[[], float] = attempts.draw


def deliver(ways: Ways, shipment: Shipment) -> None:
    """Try once; whatever goes wrong is tried again, buried or counted."""
    ways.count(shipment, "InvocationAttempts" if shipment.attempt == 1 else "RetryInvocationAttempts")
    try:
        ways.send(shipment)
    except Exception as error:
        _failed(ways, shipment, attempts.not_delivered(error))
    else:
        ways.count(shipment, "SuccessfulInvocationAttempts")
        ways.count(shipment, "Invocations")


def _failed(ways: Ways, shipment: Shipment, failed: NotDelivered) -> None:
    policy, now = attempts.policy_of(shipment.target), ways.clock()
    first_at = now if shipment.first_at is None else shipment.first_at
    retry_at = policy.retry_at(shipment.attempt, first_at=first_at, now=now, draw=ways.draw)
    if failed.may_retry and retry_at is not None:
        again = replace(shipment, attempt=shipment.attempt + 1, first_at=first_at)
        ways.later(retry_at - now, lambda: deliver(ways, again))
        return
    logger.warning("%s did not reach %s: %s", shipment.rule.get("Name"), shipment.target["Arn"], failed)
    ways.count(shipment, "Invocations")
    ways.count(shipment, "FailedInvocations")
    if (shipment.target.get("DeadLetterConfig") or {}).get("Arn"):
        _bury(ways, shipment, letter(shipment, failed, policy))


def _bury(ways: Ways, shipment: Shipment, attributes: Mapping[str, Any]) -> None:
    try:
        ways.bury(shipment, attributes)
    except NotDelivered as error:
        logger.warning("%s: no dead letter: %s", shipment.rule.get("Name"), error)
        ways.count(shipment, "InvocationsFailedToBeSentToDlq")
    else:
        ways.count(shipment, "InvocationsSentToDlq")


def letter(shipment: Shipment, failed: NotDelivered, policy: attempts.Policy) -> Mapping[str, Any]:
    """The attributes of a dead letter, in the shape of SendMessage."""
    values = {
        "ERROR_CODE": code(failed.code),
        "ERROR_MESSAGE": str(failed) or failed.code,
        "RETRY_ATTEMPTS": str(shipment.attempt - 1),
        "RULE_ARN": shipment.delivery.rule_arn,
        "TARGET_ARN": str(shipment.target["Arn"]),
    }
    if failed.may_retry:
        values["EXHAUSTED_RETRY_CONDITION"] = policy.exhausted_by(shipment.attempt)
    return {key: {"DataType": "String", "StringValue": value} for key, value in values.items()}


def code(error_code: str) -> str:
    """The code of a dead letter for a service's error."""
    if error_code.isupper():
        return error_code
    for name, words in _CODES:
        if any(word in error_code for word in words):
            return name
    return "ERROR_FROM_TARGET"
