"""TestState: what it says of one state."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from embedded.api_error import ApiError
from embedded.stepfunctions.tasks import Succeeded
from tests.unit.embedded.stepfunctions.service.api import ROLE, Api

INVOKE: Mapping[str, Any] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Arguments": {"FunctionName": "f"},
    "Next": "Then",
}
FAILS = {"errorOutput": {"error": "Odd", "cause": "why"}}


def tried(state: Mapping[str, Any], api: Api | None = None, **params: Any) -> dict[str, Any]:
    text = json.dumps({"QueryLanguage": "JSONata"} | dict(state))
    return (api or Api()).call("TestState", definition=text, **params)


def refusal(state: Mapping[str, Any], **params: Any) -> tuple[str, str]:
    with pytest.raises(ApiError) as caught:
        tried(state, **params)
    return caught.value.code, caught.value.message


def test_a_state_is_tried_on_an_input() -> None:
    """Its output, and what would come next."""
    state = {"Type": "Pass", "Output": {"b": "{% $states.input.a %}"}, "Next": "Then"}
    found = tried(state, input='{"a": 1}')
    assert found == {"status": "SUCCEEDED", "output": '{"b":1}', "nextState": "Then"}


def test_a_choice_says_where_it_leads() -> None:
    """By the variables that are given; a state may lead to itself."""
    rules = [{"Condition": "{% $x > 1 %}", "Next": "Large"}]
    state = {"Type": "Choice", "Choices": rules, "Default": "TestState"}
    assert tried(state, variables='{"x": 2}')["nextState"] == "Large"
    assert tried(state, variables='{"x": 1}')["nextState"] == "TestState"


def test_a_fail_state_fails() -> None:
    """With its error and cause."""
    found = tried({"Type": "Fail", "Error": "E", "Cause": "C"})
    assert found == {"status": "FAILED", "error": "E", "cause": "C"}


def test_an_evaluation_that_fails_has_no_prefix() -> None:
    """TestState does not say in which state."""
    found = tried({"Type": "Pass", "Output": "{% $states.input.none %}", "End": True})
    assert (found["status"], found["error"]) == ("FAILED", "States.QueryEvaluationError")
    assert found["cause"].startswith("The JSONata expression '$states.input.none' ")


def test_a_task_is_called_under_its_role() -> None:
    """For real, where there is no mock."""
    api = Api()
    api.tasks.answers["TestState"] = Succeeded({"Payload": 1})
    found = tried(INVOKE, api, roleArn=ROLE)
    assert (found["status"], found["output"], found["nextState"]) == ("SUCCEEDED", '{"Payload":1}', "Then")
    assert api.tasks.calls[0].role_arn == ROLE


def test_a_mock_stands_in_for_the_call() -> None:
    """With a result, or an error."""
    assert tried(INVOKE, mock={"result": '{"a": 1}'})["output"] == '{"a":1}'
    found = tried(INVOKE, mock=FAILS)
    assert found == {"status": "FAILED", "error": "Odd", "cause": "why"}


def test_an_error_that_is_caught_leads_to_its_handler() -> None:
    """Which catcher took it, too."""
    catch = [{"ErrorEquals": ["Other"], "Next": "A"}, {"ErrorEquals": ["States.TaskFailed"], "Next": "B"}]
    found = tried({**INVOKE, "Catch": catch}, mock=FAILS, inspectionLevel="DEBUG")
    assert (found["status"], found["nextState"], found["error"]) == ("CAUGHT_ERROR", "B", "Odd")
    assert json.loads(found["output"]) == {"Error": "Odd", "Cause": "why"}
    assert found["inspectionData"]["errorDetails"] == {"catchIndex": 1}


@pytest.mark.parametrize(("used", "status"), [(0, "RETRIABLE"), (1, "RETRIABLE"), (2, "FAILED")])
def test_an_error_that_is_retried_says_so(used: int, status: str) -> None:
    """Until the attempts are used up; nothing is waited for."""
    retry = [{"ErrorEquals": ["Odd"], "MaxAttempts": 2, "IntervalSeconds": 3}]
    asked = {"mock": FAILS, "inspectionLevel": "DEBUG", "stateConfiguration": {"retrierRetryCount": used}}
    found = tried({**INVOKE, "Retry": retry}, **asked)
    assert found["status"] == status
    if status == "RETRIABLE":
        details = {"retryIndex": 0, "retryBackoffIntervalSeconds": 3 * 2**used}
        assert found["inspectionData"]["errorDetails"] == details


def test_an_inspection_shows_what_happened() -> None:
    """Input, arguments, result and variables."""
    state = {**INVOKE, "Assign": {"y": "{% $states.result.a %}"}}
    found = tried(
        state, mock={"result": '{"a": 1}'}, input="{}", variables='{"x": 0}', inspectionLevel="DEBUG"
    )
    assert found["inspectionData"] == {
        "input": "{}",
        "afterArguments": '{"FunctionName":"f"}',
        "result": '{"a":1}',
        "variables": '{"x":0,"y":1}',
    }


def test_a_state_of_a_machine_is_named() -> None:
    """Wherever it stands in it."""
    inner = {"StartAt": "In", "States": {"In": {"Type": "Pass", "Output": 7, "End": True}}}
    machine = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": inner, "End": True}}}
    assert tried(machine, stateName="In")["output"] == "7"
    assert refusal(machine, stateName="Out")[0] == "ValidationException"


def test_the_context_object_can_be_given() -> None:
    """What expressions see of it."""
    state = {"Type": "Pass", "Output": "{% $states.context.Execution.Name %}", "End": True}
    assert tried(state, context='{"Execution": {"Name": "mine"}}')["output"] == '"mine"'


@pytest.mark.parametrize(
    ("state", "params", "named"),
    [
        ({"Type": "Map"}, {}, "states of type Map"),
        ({"Type": "Parallel"}, {}, "states of type Parallel"),
        (INVOKE, {"revealSecrets": True}, "revealSecrets"),
        (INVOKE, {"stateConfiguration": {"mapItemReaderData": "[]"}}, "stateConfiguration.mapItemReaderData"),
        (
            INVOKE,
            {"mock": {"result": "1", "fieldValidationMode": "STRICT"}},
            "mock.fieldValidationMode STRICT",
        ),
        ({**INVOKE, "Resource": f"{INVOKE['Resource']}.waitForTaskToken"}, {"roleArn": ROLE}, "with a mock"),
        (INVOKE, {}, "RoleArn must be specified"),
        (INVOKE, {"mock": {"fieldValidationMode": "NONE"}}, "either a result or an errorOutput"),
    ],
)
def test_what_is_not_done_is_refused_by_its_name(state: Any, params: Any, named: str) -> None:
    """And what AWS refuses too."""
    code, message = refusal(state, **params)
    assert code == "ValidationException"
    assert named in message


def test_a_state_that_is_none_is_refused() -> None:
    """As a definition would be."""
    assert refusal({"Type": "Pass", "Odd": 1, "End": True})[0] == "InvalidDefinition"
    with pytest.raises(ApiError) as caught:
        Api().call("TestState", definition='{"Type": "Pass", "End": true}')
    assert caught.value.code == "InvalidDefinition"
