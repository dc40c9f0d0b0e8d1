"""What definitions and expressions of other people's machines hold, and AWS accepts."""

from typing import Any

import pytest

from embedded.stepfunctions.language.expressions import ExpressionError, evaluate
from tests.unit.embedded.stepfunctions.language.machines import findings, inner, machine, pass_state, task

PREFIX = "arn:aws:states:::"


def value(expression: str, **bindings: Any) -> Any:
    """What an expression gives."""
    return evaluate(f"{{% {expression} %}}", bindings)


@pytest.mark.parametrize(
    "resource", ["bedrockagentcore:invokeHarness", "bedrock:invokeModel.waitForTaskToken"]
)
def test_an_integration_of_bedrock_is_known(resource: str) -> None:
    """AgentCore only answers; Bedrock can be waited for by a token, says AWS's table of integrations."""
    assert findings(machine(task(Resource=PREFIX + resource))) == []


def test_a_harness_is_never_waited_for() -> None:
    """AgentCore's page: only request and response."""
    assert (
        "has no .sync" in findings(machine(task(Resource=f"{PREFIX}bedrockagentcore:invokeHarness.sync")))[0]
    )


@pytest.mark.parametrize("name", ["States.Http.StatusCode.429", "States.Http.Socket"])
def test_errors_of_http_tasks_can_be_retried(name: str) -> None:
    """An HTTP Task fails with the status that it was answered."""
    assert findings(machine(task(Retry=[{"ErrorEquals": [name]}]))) == []


@pytest.mark.parametrize("name", ["States.Http.StatusCode.999", "States.Http.StatusCode", "States.Nope"])
def test_an_error_that_nobody_reports_is_refused(name: str) -> None:
    """Names that start with `States.` are Step Functions' own."""
    assert name in findings(machine(task(Retry=[{"ErrorEquals": [name]}])))[0]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('$contains("abc", /^/)', True),
        ('$replace("abc", /$/, "!")', "abc!"),
        ('$match("", /x*/).index', 0),
        ('$split("", /x*/)', ["", ""]),
    ],
)
def test_a_first_match_may_be_empty(expression: str, expected: Any) -> None:
    """The reference refuses only an empty match that follows another."""
    assert value(expression) == expected


@pytest.mark.parametrize(
    "expression",
    ['$replace("abc", /x*/, "-")', '$match("aab", /a*/)', '$replace("abc", /^/, "> ", 1)'],
)
def test_a_later_match_must_not_be_empty(expression: str) -> None:
    """It would be found at the same place for ever; it is looked for even where a limit leaves it out."""
    with pytest.raises(ExpressionError, match="D1004"):
        value(expression)


@pytest.mark.parametrize("zone", ["+01:00", "Europe/Berlin", "+1"])
def test_a_time_zone_of_another_form_is_utc(zone: str) -> None:
    """As measured on AWS; only a sign with four digits is one."""
    assert value(f'$fromMillis(0, "[H01]:[m01]", "{zone}")') == "00:00"
    assert value('$fromMillis(0, "[H01]:[m01]", "+0530")') == "05:30"


MIXED: dict[str, Any] = {
    "StartAt": "S",
    "States": {
        "S": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% 1 %}", "Next": "Wait"},
        "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Both"},
        "Both": {"Type": "Parallel", "Branches": [inner()], "Next": "Call"},
        "Call": task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Broken"}]),
        "Broken": {"Type": "Fail", "Error": "E", "Cause": "c"},
    },
}


@pytest.mark.parametrize("machine_wide", [{}, {"QueryLanguage": "JSONPath"}])
def test_states_may_choose_jsonata_in_a_machine_of_jsonpath(machine_wide: dict[str, Any]) -> None:
    """The others may hold what both languages take for the same."""
    assert findings(MIXED | machine_wide) == []


@pytest.mark.parametrize(
    "other",
    [
        pass_state(Output={"a": 1}),
        pass_state(Assign={"a": 1}),
        {"Type": "Fail", "Error": "{% 'E' %}"},
        {"Type": "Choice", "Choices": [{"Condition": True, "Next": "S"}]},
        task(Catch=[{"ErrorEquals": ["E"], "Next": "S", "Output": 1}]),
        inner(),
    ],
)
def test_a_state_that_jsonpath_would_evaluate_is_refused_in_its_place(other: dict[str, Any]) -> None:
    """A state that names no language has the machine's, wherever it is."""
    other = (
        {"Type": "Parallel", "Branches": [inner(In=pass_state(Output=1))], "End": True}
        if "States" in other
        else other
    )
    first = {"Type": "Pass", "QueryLanguage": "JSONata", "Next": "Other"}
    found = findings({"StartAt": "S", "States": {"S": first, "Other": other}})
    place = "/States/Other/Branches[0]/States/In" if other["Type"] == "Parallel" else "/States/Other"
    assert any("JSONPath is not executed here" in one and one.endswith(f" at {place}") for one in found)


@pytest.mark.parametrize("expression", ["$sift({'a': 1})", "$sift()"])
def test_sift_without_a_function_fails_as_its_like_do(expression: str) -> None:
    """The reference breaks there; `$each` and `$map` say which argument is missing."""
    with pytest.raises(ExpressionError, match='T0410: Argument 2 of function "sift" does not match'):
        value(expression)
