"""Where calls are made that change something."""

from dataclasses import replace

import pytest

from embedded.hook.plan import Action
from embedded.hook.record import Record
from embedded.hook.sites import CallSite, counted, is_mutating, mutating


def _record(operation: str, *, role: str = "PlanRun", decision: str = "Allow", by: str = "") -> Record:
    principal = f"arn:aws:sts::1:assumed-role/{role}/s"
    return Record(1.0, 0.1, principal, bool(by), by, "dynamodb", operation, decision=decision)


def test_each_place_that_changes_something_is_found_once() -> None:
    """By service, operation and caller; reads are none, nor is what IAM refused or was merely asked about."""
    records = [
        _record("PutItem"),
        _record("PutItem"),
        _record("GetItem"),
        _record("PutItem", role="Record", by="states.amazonaws.com"),
        _record("DeleteItem", decision="ImplicitDeny"),
        replace(_record("UpdateItem"), kind="check"),
    ]
    assert mutating(records) == [
        CallSite("dynamodb", "PutItem", "PlanRun", ""),
        CallSite("dynamodb", "PutItem", "Record", "states.amazonaws.com"),
    ]


def test_the_calls_of_each_place_are_counted() -> None:
    """So that a test can break the first, the second and so on."""
    records = [_record("PutItem"), _record("PutItem"), _record("GET /unknown")]
    assert counted(records) == {CallSite("dynamodb", "PutItem", "PlanRun", ""): 2}


def test_a_place_can_be_broken() -> None:
    """The first call from there, unless another is asked for."""
    site = CallSite("dynamodb", "PutItem", "Record", "states.amazonaws.com")
    (fault,) = site.plan(Action.LOST_ANSWER).faults
    assert (fault.service, fault.operation, fault.caller, fault.nth) == ("dynamodb", "PutItem", "Record", 1)
    assert fault.name == "states.amazonaws.com/Record dynamodb:PutItem"
    assert site.fault(Action.THROTTLE, nth=None).nth is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("s3:PutObject", True),
        ("s3:HeadObject", False),
        ("s3:CompleteMultipartUpload", True),
        ("lambda:Invoke", True),
        ("lambda:GetFunction", False),
        ("sqs:ReceiveMessage", True),
        ("states:StartExecution", True),
        ("states:GetActivityTask", True),
        ("states:ValidateStateMachineDefinition", False),
        ("dynamodb:BatchGetItem", False),
        ("dynamodb:TransactWriteItems", True),
        ("cloudwatch:PutMetricData", True),
        ("sts:AssumeRole", False),
        ("ecr:GetAuthorizationToken", False),
        ("logs:CreateLogStream", True),
        ("iam:PassRole", True),
        ("glue:Listen", True),
    ],
)
def test_what_changes_something_is_told_by_its_method_or_its_verb(name: str, expected: bool) -> None:
    """A verb is a whole word: nothing is a list that only begins like one."""
    assert is_mutating(*name.split(":")) is expected
