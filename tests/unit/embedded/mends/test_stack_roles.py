"""For whom CloudFormation hands roles on, and what it says when it may not."""

from collections.abc import Mapping

import pytest

from embedded.environment import ACCOUNT_ID, REGION
from embedded.handovers.handover import NotPassed
from embedded.mends import stack_roles
from embedded.mends.function_callers import dead_letter_queue

ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/one"
FUNCTION = "AWS::Lambda::Function"


def test_a_resource_without_a_name_gets_one_before_it_is_judged() -> None:
    """A trust policy may name the stack's functions; a name in the template counts."""
    assert stack_roles.named(FUNCTION, {"Role": ROLE}, "s-F-0A1B")["FunctionName"] == "s-F-0A1B"
    assert stack_roles.named(FUNCTION, {"FunctionName": "mine"}, "s-F-0A1B")["FunctionName"] == "mine"
    assert stack_roles.named("AWS::Events::Rule", {}, "s-R-0A1B")["Name"] == "s-R-0A1B"


def test_who_may_not_pass_a_role_fails_the_resource() -> None:
    """With the reason as CloudFormation words it; the resource is named in the question."""
    asked: list[Mapping[str, str]] = []

    def passer(_role_arn: str, keys: Mapping[str, str]) -> None:
        asked.append(keys)
        raise NotPassed("nobody may")

    token = stack_roles._passer.set(passer)
    try:
        with pytest.raises(
            ValueError, match=r'returned message: "nobody may" \(HandlerErrorCode: AccessDenied\)'
        ):
            stack_roles.check(FUNCTION, {"Role": ROLE}, made_up="s-F-0A1B")
    finally:
        stack_roles._passer.reset(token)
    resource = f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:s-F-0A1B"
    assert asked == [{"iam:PassedToService": "lambda.amazonaws.com", "iam:AssociatedResourceArn": resource}]


def test_nobody_is_asked_where_nobody_changes_a_stack() -> None:
    """What restores stacks after a restart hands nothing on."""
    stack_roles.check(FUNCTION, {"Role": ROLE}, made_up="s-F-0A1B")


def test_a_subscription_may_have_a_dead_letter_queue() -> None:
    """In its redrive policy, which is JSON in an attribute."""
    one = {"arn": "s1", "attributes": {"RedrivePolicy": '{"deadLetterTargetArn": "q"}'}}
    assert dead_letter_queue([{"arn": "s0"}, one], "s1") == "q"
    assert dead_letter_queue([{"arn": "s0"}, one], "s0") == ""
