"""Machines that differ in one field, put together."""

import json
from typing import Any

from embedded.stepfunctions.tasks import Failed, Report, Succeeded, TaskCall
from tests.unit.embedded.stepfunctions.engine.effects.observing import (
    Case,
    output,
    status,
)
from tests.unit.embedded.stepfunctions.engine.scripted import Answer
from tests.unit.embedded.stepfunctions.language.machines import Definition, inner, machine

Cases = dict[tuple[str, str], Case]
GIVEN = {"given": True}
TASK: Definition = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke"}
WAIT: Definition = {"Type": "Wait", "Seconds": 1}
PARALLEL: Definition = {"Type": "Parallel", "Branches": [inner()]}
MOVING: dict[str, Definition] = {
    "Pass": {"Type": "Pass"},
    "Task": TASK,
    "Wait": WAIT,
    "Parallel": PARALLEL,
    "Map": {"Type": "Map", "Items": [GIVEN], "ItemProcessor": inner()},
}
CHOICE: Definition = {
    "Type": "Choice",
    "Choices": [{"Condition": "{% false %}", "Next": "S2"}],
    "Default": "S2",
}
DISTRIBUTED = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
ITEMS = [1, 2, 3, 4]
LAST: Definition = {"Type": "Succeed"}
FLAKY = {"ErrorEquals": ["Flaky"]}
ROLE = "arn:aws:iam::123456789012:role/other"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:work"


def ends(state: Definition, **more: Any) -> Definition:
    """A machine of a state that ends."""
    return machine({**state, **more, "End": True})


def goes_on(state: Definition, to: Definition = LAST, **more: Any) -> Definition:
    """A machine of a state that goes on to S2."""
    return machine({**state, **more, "Next": "S2"}, S2=to)


def named(state: Definition, **others: Definition) -> Definition:
    """A machine of a state and of those others that it names."""
    text = json.dumps(state)
    return machine(state, **{name: other for name, other in others.items() if f'"{name}"' in text})


def says(text: str) -> Definition:
    """A state whose output is a text."""
    return {"Type": "Succeed", "Output": text}


def fails(times: int) -> Answer:
    """Tasks that fail so often before they succeed."""
    left = [times]

    def answer(call: TaskCall) -> Report:
        left[0] -= 1
        return Failed("Flaky", "again") if left[0] >= 0 else Succeeded(call.arguments)

    return answer


def silent(_call: TaskCall) -> None:
    """A task without an answer."""


def flaky(times: int, first: Definition, second: Definition, sees: Any, shown: tuple[Any, Any]) -> Case:
    """A task that fails so often, under two retriers or catchers."""
    return Case(first=first, second=second, sees=sees, shown=shown, given=GIVEN, answer=lambda: fails(times))


def moving(kind: str, state: Definition) -> Cases:
    """Fields that all states have which move on."""
    result = [GIVEN] if kind in {"Parallel", "Map"} else GIVEN

    def case(first: Definition, second: Definition, shown: tuple[Any, Any]) -> Case:
        return Case(first=first, second=second, sees=output, shown=shown, given=GIVEN)

    variable = says("{% $x %}")
    return {
        (kind, "Next"): case(
            goes_on(state, says("two")), machine({**state, "Next": "S3"}, S3=says("three")), ("two", "three")
        ),
        (kind, "End"): case(ends(state), goes_on(state, says("two")), (result, "two")),
        (kind, "Output"): case(ends(state, Output="new"), ends(state), ("new", result)),
        (kind, "Assign"): case(
            goes_on(state, variable, Assign={"x": 1}), goes_on(state, variable, Assign={"x": 2}), (1, 2)
        ),
    }


def failing(kind: str, state: Definition) -> Cases:
    """Fields of states that may fail, of which each holds a Task that does: once, or always."""
    caught = goes_on(state, Catch=[{**FLAKY, "Next": "S2"}])
    return {
        (kind, "Retry"): flaky(1, ends(state, Retry=[FLAKY]), ends(state), status, ("SUCCEEDED", "FAILED")),
        (kind, "Catch"): flaky(9, caught, goes_on(state), status, ("SUCCEEDED", "FAILED")),
    }


def retrier(times: int, first: Definition, second: Definition, sees: Any, shown: tuple[Any, Any]) -> Case:
    one, other = ({**FLAKY, **retrier} for retrier in (first, second))
    return flaky(times, ends(TASK, Retry=[one]), ends(TASK, Retry=[other]), sees, shown)


def catcher(first: Definition, second: Definition, shown: tuple[Any, Any]) -> Case:
    one, other = (
        named(
            {**TASK, "Next": "S3", "Catch": [{**FLAKY, "Next": "S2", **catcher}]},
            S2=says("{% [$states.input, $x] %}") if "Assign" in catcher else {"Type": "Succeed"},
            S3=says("three"),
        )
        for catcher in (first, second)
    )
    return flaky(1, one, other, output, shown)


def rule(first: Definition, second: Definition, sees: Any, shown: tuple[Any, Any]) -> Case:
    one, other = (
        named(
            {"Type": "Choice", "Choices": [{"Condition": True, "Next": "S2", **rule}], "Default": "S3"},
            S2=says("{% [$states.input, $x] %}") if "Assign" in rule else {"Type": "Succeed"},
            S3=says("three"),
        )
        for rule in (first, second)
    )
    return Case(first=one, second=other, sees=sees, shown=shown, given=GIVEN)


def choice(first: Definition, second: Definition, shown: tuple[Any, Any], to: Definition = LAST) -> Case:
    one, other = (named({**CHOICE, **more}, S2=to, S3=says("three")) for more in (first, second))
    return Case(first=one, second=other, sees=output, shown=shown, given=GIVEN)


def around(first: Definition, second: Definition) -> tuple[Definition, Definition]:
    """Two Parallels of one branch."""
    return ends(PARALLEL, Branches=[first]), ends(PARALLEL, Branches=[second])


def loop(start: str) -> Definition:
    """States of which each can be the first: they write their names behind what is given."""
    written = {name: f"{{% $states.input & '{name}' %}}" for name in "BC"}
    long_enough = {"Condition": "{% $length($states.input) > 3 %}", "Next": "Done"}
    states = {
        "A": {"Type": "Choice", "Choices": [long_enough], "Default": "B"},
        "B": {"Type": "Pass", "Output": written["B"], "Next": "C"},
        "C": {"Type": "Pass", "Output": written["C"], "Next": "A"},
        "Done": {"Type": "Succeed"},
    }
    return {"StartAt": start, "States": states}


def told(
    first: Definition, second: Definition, sees: Any, shown: tuple[Any, Any], given: Any = GIVEN
) -> Case:
    """Two machines whose tasks answer with what they are given."""
    return Case(first=first, second=second, sees=sees, shown=shown, given=given)


def mapped(**fields: Any) -> Definition:
    """A machine of an inline Map over four items, or over what it is given."""
    return ends({"Type": "Map", "Items": ITEMS, "ItemProcessor": inner(), **fields})


def distributed(states: Definition | None = None, **fields: Any) -> Definition:
    """A machine of a distributed Map."""
    return mapped(ItemProcessor={**(states or inner()), "ProcessorConfig": DISTRIBUTED}, **fields)
