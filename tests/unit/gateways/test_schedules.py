"""Schedules in EventBridge Scheduler: what is sent, what is read back, and which errors mean what."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from sluiceway.errors import LostRace, ServiceUnavailable
from sluiceway.gateways.schedules import SchedulerSchedules, StoredSchedule, schedule_key

GROUP = "sluiceway-dev-projects"
BUS = "arn:aws:events:eu-west-1:111122223333:event-bus/bus"
ROLE = "arn:aws:iam::111122223333:role/fires"
DEAD = "arn:aws:sqs:eu-west-1:111122223333:dead"
NIGHTLY = StoredSchedule(
    project="flights",
    kind="run",
    name="nightly",
    expression="cron(0 3 * * ? *)",
    timezone="Europe/Berlin",
    start=None,
    end=datetime(2027, 1, 1, tzinfo=UTC),
    window_minutes=15,
    enabled=True,
    source="sluiceway",
    detail_type="ScheduleFired",
    detail='{"event_id": "flights.nightly.<aws.scheduler.scheduled-time>"}',
)
REQUEST: dict[str, Any] = {
    "GroupName": GROUP,
    "Name": NIGHTLY.key,
    "ClientToken": "token",
    "Description": "Sluiceway: run nightly of the project flights",
    "ScheduleExpression": "cron(0 3 * * ? *)",
    "ScheduleExpressionTimezone": "Europe/Berlin",
    "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
    "State": "ENABLED",
    "ActionAfterCompletion": "DELETE",
    "EndDate": NIGHTLY.end,
    "Target": {
        "Arn": BUS,
        "RoleArn": ROLE,
        "DeadLetterConfig": {"Arn": DEAD},
        "RetryPolicy": {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185},
        "EventBridgeParameters": {"Source": "sluiceway", "DetailType": "ScheduleFired"},
        "Input": NIGHTLY.detail,
    },
}
ANSWER = {name: value for name, value in REQUEST.items() if name != "ClientToken"}
ARN = {"ScheduleArn": f"arn:aws:scheduler:eu-west-1:111122223333:schedule/{GROUP}/{NIGHTLY.key}"}


@pytest.fixture
def stubbed():
    """The gateway, and what its client is told to answer."""
    client = boto3.client(
        "scheduler", region_name="eu-west-1", aws_access_key_id="k", aws_secret_access_key="s"
    )
    with Stubber(client) as stub:
        yield SchedulerSchedules(client, group=GROUP, bus_arn=BUS, role_arn=ROLE, dead_letters_arn=DEAD), stub
    stub.assert_no_pending_responses()


@pytest.mark.parametrize(("there", "operation"), [(False, "create_schedule"), (True, "update_schedule")])
def test_all_of_a_schedule_is_sent(stubbed, there, operation):
    """An update replaces everything, so everything is sent."""
    schedules, stub = stubbed
    stub.add_response(operation, ARN, REQUEST)
    schedules.put(NIGHTLY, there=there, token="token")


def test_a_schedule_is_read_back_as_it_was_sent(stubbed):
    """Equal, so that a second sync finds nothing to do."""
    schedules, stub = stubbed
    stub.add_response("get_schedule", ANSWER, {"GroupName": GROUP, "Name": NIGHTLY.key})
    assert schedules.get(NIGHTLY.key) == NIGHTLY


@pytest.mark.parametrize(
    "change",
    [
        {"Description": ""},
        {"Description": "Sluiceway: run nightly of the project planes"},
        {"Description": "Sluiceway: run nightly of the project flights!"},
        {"Target": {"Arn": BUS, "RoleArn": ROLE}},
    ],
)
def test_what_others_have_made_is_not_ours(stubbed, change):
    """Made by hand, copied, or with another target: never compared, changed or removed."""
    schedules, stub = stubbed
    for _ in range(2):
        stub.add_response("get_schedule", ANSWER | change)
    assert schedules.get(NIGHTLY.key) is None
    schedules.remove(NIGHTLY.key, token="token")


def test_what_is_gone_is_none_and_its_removal_is_done(stubbed):
    """A lost answer of DeleteSchedule is repeated."""
    schedules, stub = stubbed
    for _ in range(2):
        stub.add_client_error("get_schedule", "ResourceNotFoundException", http_status_code=404)
    assert schedules.get(NIGHTLY.key) is None
    schedules.remove(NIGHTLY.key, token="token")


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("ConflictException", 409, LostRace),
        ("ResourceNotFoundException", 404, LostRace),
        ("ThrottlingException", 429, ServiceUnavailable),
        ("InternalServerException", 500, ServiceUnavailable),
    ],
)
def test_errors_say_whether_to_look_again_or_to_wait(stubbed, code, status, error):
    """Another writer was faster, or the service wants time."""
    schedules, stub = stubbed
    stub.add_client_error("update_schedule", code, http_status_code=status)
    with pytest.raises(error):
        schedules.put(NIGHTLY, there=True, token="token")


def test_all_pages_are_listed(stubbed):
    """Names that start with the project's and a dot."""
    schedules, stub = stubbed
    asked = {"GroupName": GROUP, "NamePrefix": "flights."}
    stub.add_response("list_schedules", {"Schedules": [{"Name": "flights.a"}], "NextToken": "t"}, asked)
    stub.add_response("list_schedules", {"Schedules": [{"Name": "flights.b"}]}, asked | {"NextToken": "t"})
    assert schedules.keys("flights") == ["flights.a", "flights.b"]


def test_a_moment_of_another_zone_is_the_same_moment(stubbed):
    """boto3 gives dates in the zone of the machine."""
    schedules, stub = stubbed
    start = datetime(2026, 12, 1, tzinfo=UTC)
    stub.add_response("get_schedule", ANSWER | {"StartDate": start.astimezone()})
    assert schedules.get(NIGHTLY.key) == replace(NIGHTLY, start=start)


def test_names_are_told_apart_by_project_kind_and_name():
    """Dots are in no name."""
    keys = {
        schedule_key(*parts) for parts in (("a-b", "run", "c"), ("a", "run", "b-c"), ("a-b", "query", "c"))
    }
    assert len(keys) == 3
