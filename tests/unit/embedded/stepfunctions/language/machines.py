"""Definitions for tests: valid ones, to be changed in one place."""

from typing import Any

from embedded.stepfunctions.language.definition import check

Definition = dict[str, Any]
_FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:work"


def pass_state(**fields: Any) -> Definition:
    """A Pass that ends."""
    return {"Type": "Pass", "End": True, **fields}


def task(**fields: Any) -> Definition:
    """A Task that ends."""
    return {"Type": "Task", "Resource": _FUNCTION, "End": True, **fields}


def inner(**states: Definition) -> Definition:
    """The states of a branch or a processor; by default one."""
    states = states or {"Inner": pass_state()}
    return {"StartAt": next(iter(states)), "States": states}


def inline_map(**fields: Any) -> Definition:
    """A Map that ends."""
    return {"Type": "Map", "ItemProcessor": inner(), "End": True, **fields}


def distributed_map(**fields: Any) -> Definition:
    """A Map whose items run as executions."""
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    return inline_map(ItemProcessor={**inner(), "ProcessorConfig": config}, **fields)


def machine(state: Definition, **others: Any) -> Definition:
    """A machine of the state S, and of others."""
    return {"QueryLanguage": "JSONata", "StartAt": "S", "States": {"S": state, **others}}


def findings(definition: Definition) -> list[str]:
    """All findings, errors as `CODE: message at place`, warnings after their severity."""
    return [str(one) if one.severity == "ERROR" else f"WARNING {one}" for one in check(definition)]


STATES: dict[str, Definition] = {
    "Pass": pass_state(),
    "Task": task(),
    "Choice": {"Type": "Choice", "Choices": [{"Condition": True, "Next": "S2"}]},
    "Wait": {"Type": "Wait", "Seconds": 1, "End": True},
    "Succeed": {"Type": "Succeed"},
    "Fail": {"Type": "Fail"},
    "Parallel": {"Type": "Parallel", "Branches": [inner()], "End": True},
    "Map": distributed_map(),
}
"""A valid state of each type; a Choice goes on to S2."""


def machine_of(kind: str, **fields: Any) -> Definition:
    """A valid machine with a state of a type, and more fields in it."""
    more = {"S2": {"Type": "Succeed"}} if kind == "Choice" or fields.get("Next") == "S2" else {}
    state = {**STATES[kind], **fields}
    if "Next" in fields:
        state.pop("End", None)
    if kind == "Wait" and "Timestamp" in fields:
        state.pop("Seconds")
    return machine(state, **more)
