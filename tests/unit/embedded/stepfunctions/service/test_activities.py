"""Activities, and answers by task token."""

import json
from typing import Any

import pytest

from embedded.api_error import ApiError
from tests.unit.embedded.stepfunctions.service.api import ACTIVITY, ASKS, Api


def refusal(api: Api, operation: str, **params: Any) -> tuple[str, str]:
    with pytest.raises(ApiError) as caught:
        api.call(operation, **params)
    return caught.value.code, caught.value.message


def asked(api: Api) -> tuple[str, str]:
    """An execution whose task a worker has taken, and the token."""
    api.call("CreateActivity", name="work")
    execution = api.start(api.create(ASKS), input='{"a":1}')
    api.engine.serve()
    task = api.call("GetActivityTask", activityArn=ACTIVITY, workerName="me")
    assert json.loads(task["input"]) == {"a": 1}
    return execution, task["taskToken"]


def events(api: Api, execution: str) -> list[str]:
    api.ended(execution)
    found = api.call("GetExecutionHistory", executionArn=execution)["events"]
    return [event["type"] for event in found]


def test_a_worker_takes_a_task_and_succeeds() -> None:
    """Its name is in the history; its output is the task's."""
    api = Api()
    execution, token = asked(api)
    api.call("SendTaskHeartbeat", taskToken=token)
    api.call("SendTaskSuccess", taskToken=token, output='{"done": true}')
    assert events(api, execution)[2:5] == ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"]
    assert api.call("DescribeExecution", executionArn=execution)["output"] == '{"done":true}'
    started = api.call("GetExecutionHistory", executionArn=execution)["events"][3]
    assert started["activityStartedEventDetails"] == {"workerName": "me"}


def test_a_worker_fails_a_task() -> None:
    """Error and cause are as it says."""
    api = Api()
    execution, token = asked(api)
    api.call("SendTaskFailure", taskToken=token, error="E", cause="C")
    assert events(api, execution)[4:] == ["ActivityFailed", "ExecutionFailed"]
    found = api.call("DescribeExecution", executionArn=execution)
    assert (found["error"], found["cause"]) == ("E", "C")


def test_a_token_is_answered_once() -> None:
    """Afterwards nobody waits for it."""
    api = Api()
    execution, token = asked(api)
    api.call("SendTaskSuccess", taskToken=token, output="1")
    api.ended(execution)
    expected = ("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
    assert refusal(api, "SendTaskSuccess", taskToken=token, output="1") == expected
    assert refusal(api, "SendTaskHeartbeat", taskToken=token) == expected


def test_a_text_that_is_no_token_is_refused() -> None:
    """As is an output that is no JSON."""
    api = Api()
    assert refusal(api, "SendTaskFailure", taskToken="x")[0] == "InvalidToken"
    _, token = asked(api)
    assert refusal(api, "SendTaskSuccess", taskToken=token, output="{")[0] == "InvalidOutput"


def test_without_a_task_the_answer_is_empty() -> None:
    """After the time that AWS waits for one: a minute, here none."""
    api = Api(poll_seconds=0)
    api.call("CreateActivity", name="work")
    assert api.call("GetActivityTask", activityArn=ACTIVITY) == {}


def test_a_task_that_nobody_waits_for_is_not_given() -> None:
    """Its execution was stopped before a worker came."""
    api = Api(poll_seconds=0)
    api.call("CreateActivity", name="work")
    execution = api.start(api.create(ASKS))
    api.engine.serve()
    assert api.tasks.called.wait(20)
    api.call("StopExecution", executionArn=execution)
    assert api.call("GetActivityTask", activityArn=ACTIVITY) == {}


def test_an_activity_is_made_once_and_deleted() -> None:
    """The same name is the same activity; deleting what is not there is no error."""
    api = Api()
    first = api.call("CreateActivity", name="work", tags=[{"key": "a", "value": "b"}])
    assert api.call("CreateActivity", name="work") == first
    found = api.call("DescribeActivity", activityArn=ACTIVITY)
    assert (found["name"], found["activityArn"]) == ("work", ACTIVITY)
    assert [each["name"] for each in api.call("ListActivities")["activities"]] == ["work"]
    assert api.call("ListTagsForResource", resourceArn=ACTIVITY)["tags"] == [{"key": "a", "value": "b"}]
    for _ in range(2):
        api.call("DeleteActivity", activityArn=ACTIVITY)
    expected = ("ActivityDoesNotExist", f"Activity Does Not Exist: '{ACTIVITY}'")
    assert refusal(api, "DescribeActivity", activityArn=ACTIVITY) == expected
    assert refusal(api, "GetActivityTask", activityArn=ACTIVITY) == expected
    assert refusal(api, "CreateActivity", name="a b")[0] == "InvalidName"
