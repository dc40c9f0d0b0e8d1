"""Schedules in the embedded cloud: what reaches their targets, under their roles, and their dead letters."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from tests.embedded.conftest import CloudSession, allow, wait_for

pytestmark = pytest.mark.embedded

BERLIN = "Europe/Berlin"
NOW = {"ScheduleExpression": "rate(1 hour)"}


def _role(cloud: CloudSession, *statements: Any) -> str:
    arn = cloud.role(*statements)
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "scheduler.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    cloud.client("iam").update_assume_role_policy(
        RoleName=arn.rpartition("/")[2],
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    return arn


def _queue(cloud: CloudSession) -> tuple[str, str]:
    name = f"q-{uuid4().hex[:12]}"
    url = cloud.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    return url, f"arn:aws:sqs:us-east-1:000000000000:{name}"


def _received(cloud: CloudSession, url: str) -> Any:
    found: list[Any] = []

    def receive() -> bool:
        answer = cloud.client("sqs").receive_message(QueueUrl=url, MessageAttributeNames=["All"])
        found.extend(answer.get("Messages", []))
        return bool(found)

    wait_for(receive)
    return found[0]


def _create(cloud: CloudSession, target: dict[str, Any], **settings: Any) -> str:
    name = f"s-{uuid4().hex[:12]}"
    body = {"FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target} | settings
    cloud.client("scheduler").create_schedule(Name=name, **body)
    return name


def test_at_fires_in_its_time_zone_and_deletes_itself(cloud_session: CloudSession) -> None:
    """Two seconds from now by the clocks of Berlin, once, under its role; UTC would be hours off."""
    url, arn = _queue(cloud_session)
    local = (datetime.now(UTC) + timedelta(seconds=2)).astimezone(ZoneInfo(BERLIN))
    target = {"Arn": arn, "RoleArn": _role(cloud_session, allow("sqs:SendMessage", arn)), "Input": "now"}
    name = _create(
        cloud_session, target, ScheduleExpression=f"at({local:%Y-%m-%dT%H:%M:%S})",
        ScheduleExpressionTimezone=BERLIN, ActionAfterCompletion="DELETE",
    )  # fmt: skip
    assert _received(cloud_session, url)["Body"] == "now"
    client = cloud_session.client("scheduler")
    wait_for(lambda: not client.list_schedules(NamePrefix=name)["Schedules"])


def test_placeholders_reach_the_target_filled(cloud_session: CloudSession) -> None:
    """The schedule's own ARN, the time, the execution's id and the attempt."""
    url, arn = _queue(cloud_session)
    names = ("schedule-arn", "scheduled-time", "execution-id", "attempt-number")
    text = " ".join(f"<aws.scheduler.{name}>" for name in names)
    role = _role(cloud_session, allow("sqs:SendMessage", arn))
    name = _create(cloud_session, {"Arn": arn, "RoleArn": role, "Input": text}, **NOW)
    schedule_arn, at, execution_id, attempt = _received(cloud_session, url)["Body"].split()
    assert schedule_arn.endswith(f":schedule/default/{name}")
    assert datetime.now(UTC) - datetime.fromisoformat(at) < timedelta(minutes=1)
    assert (len(execution_id), attempt) == (16, "1")


def test_a_schedule_whose_role_may_not_call_writes_a_dead_letter(cloud_session: CloudSession) -> None:
    """Under the role, which may write to the dead-letter queue and nothing else."""
    _, arn = _queue(cloud_session)
    url, dead = _queue(cloud_session)
    role = _role(cloud_session, allow("sqs:SendMessage", dead))
    _create(cloud_session, {"Arn": arn, "RoleArn": role, "DeadLetterConfig": {"Arn": dead}}, **NOW)
    letter = _received(cloud_session, url)
    attributes = {key: value["StringValue"] for key, value in letter["MessageAttributes"].items()}
    assert (attributes["TARGET_ARN"], attributes["RETRY_ATTEMPTS"]) == (arn, "0")
    assert "AccessDenied" in attributes["ERROR_CODE"]
    assert json.loads(letter["Body"])["source"] == "aws.scheduler"


def test_a_schedule_calls_any_operation(cloud_session: CloudSession) -> None:
    """A universal target: PutParameter, with the parameters of the input."""
    name = f"/test/{uuid4().hex[:12]}"
    target = {
        "Arn": "arn:aws:scheduler:::aws-sdk:ssm:putParameter",
        "RoleArn": _role(cloud_session, allow("ssm:PutParameter")),
        "Input": json.dumps({"Name": name, "Value": "v", "Type": "String"}),
    }
    _create(cloud_session, target, **NOW)
    ssm = cloud_session.client("ssm")
    wait_for(lambda: bool(ssm.get_parameters(Names=[name])["Parameters"]))


def test_a_schedule_starts_a_machine_and_calls_a_function(cloud_session: CloudSession) -> None:
    """Both templated targets get the default notification where the schedule has no input."""
    machine = cloud_session.machine(
        {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}, role=cloud_session.role()
    )
    url, arn = _queue(cloud_session)
    del arn
    function = cloud_session.function("def handler(event, context):\n    print(event['source'])")
    actions = (allow("states:StartExecution", machine), allow("lambda:InvokeFunction", function))
    role = _role(cloud_session, *actions)
    for target in (machine, function):
        _create(cloud_session, {"Arn": target, "RoleArn": role}, **NOW)
    states, logs = cloud_session.client("stepfunctions"), cloud_session.client("logs")
    wait_for(lambda: bool(states.list_executions(stateMachineArn=machine)["executions"]))
    group = f"/aws/lambda/{function.rpartition(':')[2]}"
    wait_for(lambda: bool(logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]))
    del url


@pytest.mark.parametrize(
    "settings",
    [
        {"ScheduleExpression": "cron(0 0 * * *)"},
        {"ScheduleExpression": "rate(1 hour)", "ScheduleExpressionTimezone": "Mars/Olympus"},
        {"ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "FLEXIBLE"}},
    ],
)
def test_a_wrong_schedule_is_refused(cloud_session: CloudSession, settings: dict[str, Any]) -> None:
    """When it is made, not when it should fire."""
    client = cloud_session.client("scheduler")
    target = {"Arn": _queue(cloud_session)[1], "RoleArn": _role(cloud_session)}
    with pytest.raises(client.exceptions.ValidationException):
        _create(cloud_session, target, **settings)


def test_the_same_request_again_makes_nothing_new(cloud_session: CloudSession) -> None:
    """A client token, as botocore sends one with each retry; MiniStack answers that there is one already."""
    role, name = _role(cloud_session), f"s-{uuid4().hex[:12]}"
    target = {"Arn": _queue(cloud_session)[1], "RoleArn": role}
    request = {
        "Name": name,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": target,
        "State": "DISABLED",
    } | NOW
    client = cloud_session.client("scheduler")
    first, second = (client.create_schedule(**request, ClientToken="token") for _ in range(2))
    assert first["ScheduleArn"] == second["ScheduleArn"]
    with pytest.raises(client.exceptions.ConflictException):
        client.create_schedule(**request, ClientToken="other")


def test_a_list_is_cut_with_a_token(cloud_session: CloudSession) -> None:
    """Paging, as botocore's paginator walks it; and what is for the engine alone is not shown."""
    target = {"Arn": _queue(cloud_session)[1], "RoleArn": _role(cloud_session)}
    made = {_create(cloud_session, target, State="DISABLED", **NOW) for _ in range(3)}
    client = cloud_session.client("scheduler")
    pages = list(client.get_paginator("list_schedules").paginate(PaginationConfig={"PageSize": 1}))
    assert made <= {schedule["Name"] for page in pages for schedule in page["Schedules"]}
    assert all(len(page["Schedules"]) == 1 for page in pages)
    assert client.get_schedule(Name=made.pop())["State"] == "DISABLED"


def test_groups_are_listed_with_a_token(cloud_session: CloudSession) -> None:
    """The default group and one of our own, one at a time."""
    client, name = cloud_session.client("scheduler"), f"g-{uuid4().hex[:12]}"
    client.create_schedule_group(Name=name)
    pages = list(client.get_paginator("list_schedule_groups").paginate(PaginationConfig={"PageSize": 1}))
    assert {"default", name} <= {group["Name"] for page in pages for group in page["ScheduleGroups"]}
    assert all(len(page["ScheduleGroups"]) == 1 for page in pages)


def test_a_template_may_say_all_of_a_schedule(cloud_session: CloudSession) -> None:
    """Time zone, dates and what follows: nothing of the template is lost on the way."""
    name, arn = f"stack-{uuid4().hex[:12]}", _queue(cloud_session)[1]
    properties = {
        "Name": name, "ScheduleExpression": "cron(0 6 ? * MON *)", "ScheduleExpressionTimezone": BERLIN,
        "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": "15"}, "State": "DISABLED",
        "EndDate": "2099-01-01T00:00:00Z", "Target": {"Arn": arn, "RoleArn": _role(cloud_session)},
    }  # fmt: skip
    template = {"Resources": {"S": {"Type": "AWS::Scheduler::Schedule", "Properties": properties}}}
    formation = cloud_session.client("cloudformation")
    formation.create_stack(StackName=name, TemplateBody=json.dumps(template))
    formation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    found = cloud_session.client("scheduler").get_schedule(Name=name)
    assert found["ScheduleExpressionTimezone"] == BERLIN
    assert found["EndDate"].year == 2099
    assert found["FlexibleTimeWindow"]["MaximumWindowInMinutes"] == 15
