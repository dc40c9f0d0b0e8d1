"""What is wrong with a definition is said with AWS's code, its words where they are known, and the place."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from embedded.stepfunctions.language.definition import InvalidDefinition, check, parse
from tests.unit.embedded.stepfunctions.language.machines import (
    Definition,
    distributed_map,
    findings,
    inner,
    machine,
    pass_state,
    task,
)

SCHEMA = "SCHEMA_VALIDATION_FAILED"
TARGET = "MISSING_TRANSITION_TARGET"
CATCH_ALL = {"ErrorEquals": ["States.ALL"], "Next": "S2"}
END: Definition = {"Type": "Succeed"}


def test_a_machine_that_is_right_is_loaded_as_it_is_written() -> None:
    """Nothing is added, nothing taken away."""
    text = '{"StartAt":"S","QueryLanguage":"JSONata","States":{"S":{"Type":"Succeed"}}}'
    assert list(parse(text)) == ["StartAt", "QueryLanguage", "States"]


def test_a_machine_that_is_wrong_is_refused_with_all_its_errors() -> None:
    """As CreateStateMachine words it; warnings alone refuse nothing."""
    with pytest.raises(InvalidDefinition) as caught:
        parse('{"QueryLanguage":"JSONata","StartAt":"S","States":{"S":{"Type":"Pass","Next":"X"}}}')
    assert str(caught.value) == (
        f"Invalid State Machine Definition: '{TARGET}: Missing 'Next' target: X at /States/S/Next, "
        "MISSING_END_STATE: Workflow has no terminal state at null'"
    )
    parse('{"QueryLanguage":"JSONata","StartAt":"S","States":{"S":{"Type":"Succeed","Output":"{% $x %}"}}}')


REFUSED = yaml.safe_load((Path(__file__).parent / "refused.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["name"])
def test_a_definition_is_refused_for_what_is_wrong(case: dict[str, Any]) -> None:
    """All findings, and no others."""
    assert findings({"QueryLanguage": "JSONata", **case["definition"]}) == case["findings"]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (None, "The QueryLanguage is 'JSONPath' where none is given"),
        ("JSONPath", "JSONPath is not executed here"),
        ("jsonata", "Value should be one of the following: [JSONPath, JSONata] at /QueryLanguage"),
        (1, "Expected value of type [STRING] at /QueryLanguage"),
    ],
)
def test_a_machine_in_another_language_is_refused(language: Any, expected: str) -> None:
    """JSONPath is what AWS takes where nothing is said."""
    definition = machine(END)
    definition.pop("QueryLanguage")
    if language is not None:
        definition["QueryLanguage"] = language
    assert any(expected in one for one in findings(definition))


def test_a_state_cannot_go_back_to_jsonpath() -> None:
    """In AWS's words, at the state."""
    message = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
    found = findings(machine(pass_state(QueryLanguage="JSONPath")))
    assert found == [f"{SCHEMA}: {message} at /States/S"]


@pytest.mark.parametrize(
    "text", ["2016-03-14T01:59:00Z", "2016-03-14t01:59z", "2016-03-14T01:59:00.123456789+02:00"]
)
def test_a_time_is_accepted(text: str) -> None:
    """As measured: small letters, no seconds, nine digits of a second."""
    assert findings(machine({"Type": "Wait", "Timestamp": text, "End": True})) == []


@pytest.mark.parametrize(
    "text", ["2016-12-05 21:29:29Z", "2016-12-05T21:29:29", "2016-02-30T00:00:00Z", "x", ""]
)
def test_a_time_that_is_none_is_refused(text: str) -> None:
    """In AWS's words."""
    assert findings(machine({"Type": "Wait", "Timestamp": text, "End": True})) == [
        f"{SCHEMA}: String does not match RFC3339 timestamp at /States/S/Timestamp"
    ]


def test_a_value_that_is_nested_without_measure_ends_nothing() -> None:
    """Neither the process nor the check of everything else."""
    deep: Any = []
    for _ in range(20_000):
        deep = [deep]
    assert [one.code for one in check(machine(pass_state(Output=deep)))] == ["TOO_DEEPLY_NESTED"]


def test_branches_within_branches_have_an_end() -> None:
    """AWS's code for it; the number is ours."""
    state: Definition = {"Type": "Succeed"}
    for depth in range(105):
        state = {"Type": "Parallel", "Branches": [inner(**{f"S{depth}": state})], "End": True}
    assert any(one.startswith("TOO_DEEPLY_NESTED") for one in findings(machine(state)))


def test_an_end_that_is_none_leads_on() -> None:
    """`End: false` is allowed, and says nothing."""
    assert findings(machine({"Type": "Pass", "End": False, "Next": "S2"}, S2=END)) == []


@pytest.mark.parametrize("nonsense", [None, 1, "x", [], [1], {"a": 1}, True])
def test_nonsense_anywhere_is_found_and_ends_nothing(nonsense: Any) -> None:
    """Whatever stands in a field, the check goes through."""
    whole: Definition = machine(
        task(
            Retry=[{"ErrorEquals": ["a"]}],
            Catch=[CATCH_ALL],
            Assign={"x": 1},
            Credentials={"RoleArn": "{% 1 %}"},
        ),
        S2={"Type": "Choice", "Choices": [{"Condition": True, "Next": "S3"}]},
        S3=distributed_map(Label="l"),
    )
    for place in list(_places(whole)):
        changed = _replaced(whole, place, nonsense)
        assert isinstance(check(changed if isinstance(changed, dict) else {}), tuple)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Any:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _places(item, (*path, key))


def _replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    first, *rest = path
    if isinstance(value, dict):
        return {
            key: _replaced(item, tuple(rest), new) if key == first else item for key, item in value.items()
        }
    return [_replaced(item, tuple(rest), new) if index == first else item for index, item in enumerate(value)]
