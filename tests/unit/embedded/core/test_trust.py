"""Trust policies, as services are judged by them."""

from typing import Any

import pytest

from embedded import trust

ACCOUNT = "000000000000"
MACHINE = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:m"


def trusting(**changes: Any) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "states.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return {"Version": "2012-10-17", "Statement": [statement | changes]}


def holds(document: Any, service: str = "states.amazonaws.com") -> bool:
    return trust.trusts(document, service, account=ACCOUNT, source_arn=MACHINE)


def test_a_service_that_is_named_may_assume() -> None:
    """Alone, or among others; and no other one."""
    assert holds(trusting())
    assert holds(trusting(Principal={"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]}))
    assert not holds(trusting(), "lambda.amazonaws.com")


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": "Deny"},
        {"Action": "sts:TagSession"},
        {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}},
        {"Principal": {"Federated": "states.amazonaws.com"}},
        {"Condition": {"StringEquals": {"aws:SourceAccount": "111111111111"}}},
        {"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:states:*:*:stateMachine:other-*"}}},
        {"Condition": {"StringEquals": {"sts:ExternalId": "x"}}},
    ],
)
def test_what_does_not_let_a_service_assume(changes: dict[str, Any]) -> None:
    """The account is not its services, and conditions must hold."""
    assert not holds(trusting(**changes))


def test_conditions_on_the_source_may_hold() -> None:
    """The confused deputy is kept out, the right one let in."""
    condition = {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:states:*:{ACCOUNT}:stateMachine:*"},
    }
    assert holds(trusting(Condition=condition))


def test_a_denial_wins() -> None:
    """Whatever else is allowed."""
    document = trusting()
    document["Statement"].append(document["Statement"][0] | {"Effect": "Deny"})
    assert not holds(document)
