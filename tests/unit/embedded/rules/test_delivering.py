"""Attempts, retries and dead letters of rules."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from embedded.rules.delivering import Shipment, Ways, code, deliver
from embedded.rules.inputs import Delivery
from embedded.schedules.attempts import NotDelivered

DELIVERY = Delivery({}, "", "r", "arn:aws:events:us-east-1:000000000000:rule/r")
DEAD = {"DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:000000000000:dead"}}


class _World:
    """A target that answers with errors in turn, and a clock that goes on by itself."""

    def __init__(self, *errors: Exception) -> None:
        self.now, self.errors, self.letters, self.counts = 0.0, list(errors), [], []
        self.sent: list[float] = []
        self.ways = Ways(self.send, self.bury, self.count, self.later, lambda: self.now, lambda: 1.0)

    def send(self, _shipment: Shipment) -> None:
        self.sent.append(self.now)
        if self.errors:
            raise self.errors.pop(0)

    def bury(self, _shipment: Shipment, attributes: Any) -> None:
        self.letters.append({key: value["StringValue"] for key, value in attributes.items()})

    def count(self, _shipment: Shipment, metric: str) -> None:
        self.counts.append(metric)

    def later(self, seconds: float, act: Any) -> None:
        self.now += seconds
        act()

    def deliver(self, **target: Any) -> None:
        deliver(self.ways, Shipment({"Arn": "arn:t"} | target, {"Name": "r"}, DELIVERY))


def _error(status: int, name: str = "Throttling") -> ClientError:
    shown = {"Error": {"Code": name, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(shown, "Do")


def test_a_delivery_counts_once() -> None:
    """Invocations counts events, not attempts."""
    world = _World(_error(500), _error(500))
    world.deliver()
    assert (world.sent, world.counts.count("Invocations"), world.letters) == ([0, 2, 6], 1, [])
    assert world.counts.count("RetryInvocationAttempts") == 2


def test_what_cannot_pass_is_buried_at_once() -> None:
    """No retry for missing permissions; the letter has no exhausted condition."""
    world = _World(NotDelivered("NO_PERMISSIONS", "may not", may_retry=False))
    world.deliver(**DEAD)
    assert world.letters == [
        {
            "ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": "may not", "RETRY_ATTEMPTS": "0",
            "RULE_ARN": DELIVERY.rule_arn, "TARGET_ARN": "arn:t",
        }
    ]  # fmt: skip
    assert {"FailedInvocations", "InvocationsSentToDlq"} <= set(world.counts)


@pytest.mark.parametrize(
    ("policy", "retries", "condition"),
    [
        ({"MaximumRetryAttempts": 0}, "0", "MaximumRetryAttempts"),
        ({"MaximumRetryAttempts": 3}, "3", "MaximumRetryAttempts"),
        ({"MaximumEventAgeInSeconds": 60}, "4", "MaximumEventAgeInSeconds"),
    ],
)
def test_an_exhausted_policy_is_named(policy: dict[str, int], retries: str, condition: str) -> None:
    """By number or by age."""
    world = _World(*[_error(503)] * 10)
    world.deliver(RetryPolicy=policy, **DEAD)
    (letter,) = world.letters
    assert (letter["RETRY_ATTEMPTS"], letter["EXHAUSTED_RETRY_CONDITION"]) == (retries, condition)


def test_the_default_is_185_retries_within_a_day() -> None:
    """AWS's own numbers."""
    world = _World(*[_error(500)] * 1_000)
    world.deliver()
    assert len(world.sent) == 186
    assert world.now <= 86_400


def test_a_letter_that_cannot_be_written_is_counted() -> None:
    """A dead-letter queue without its policy."""
    world = _World(NotDelivered("NO_RESOURCE", "", may_retry=False))

    def refuse(_shipment: Shipment, _attributes: Any) -> None:
        raise NotDelivered("NO_PERMISSIONS", "", may_retry=False)

    ways = Ways(world.send, refuse, world.count, world.later, lambda: 0.0)
    deliver(ways, Shipment({"Arn": "arn:t"} | DEAD, {}, DELIVERY))
    assert world.counts[-1] == "InvocationsFailedToBeSentToDlq"


@pytest.mark.parametrize(
    ("service_code", "expected"),
    [
        ("AccessDeniedException", "NO_PERMISSIONS"),
        ("StateMachineDoesNotExist", "NO_RESOURCE"),
        ("ResourceNotFoundException", "NO_RESOURCE"),
        ("TooManyRequestsException", "THROTTLING"),
        ("InvalidExecutionInput", "ERROR_FROM_TARGET"),
        ("INVALID_JSON", "INVALID_JSON"),
    ],
)
def test_errors_have_the_names_of_dead_letters(service_code: str, expected: str) -> None:
    """As the user guide lists them."""
    assert code(service_code) == expected
