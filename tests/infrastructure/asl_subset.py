"""What the embedded interpreter executes exactly as AWS does. Everything else is refused, by name.

The embedded cloud ignores some fields of the states language without a word: a machine that used them would
pass here and behave differently there. The list goes when the embedded cloud has a strict interpreter.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

State = dict[str, Any]

_EVERY = {"Type", "Comment"}
_MOVING = _EVERY | {"Next", "End", "Assign", "Output"}
_FAILING = _MOVING | {"Retry", "Catch"}
_FIELDS: dict[str, set[str]] = {
    "Task": _FAILING | {"Resource", "Arguments", "TimeoutSeconds"},
    "Map": _FAILING | {"Items", "ItemSelector", "ItemProcessor", "MaxConcurrency"},
    "Pass": _MOVING,
    "Wait": _MOVING | {"Seconds", "Timestamp"},
    "Choice": _EVERY | {"Choices", "Default", "Assign"},
    "Succeed": _EVERY,
    "Fail": _EVERY | {"Error", "Cause"},
}
_WHY: dict[tuple[str, str], str] = {
    ("Succeed", "Output"): "ignored: compute the output in the state before",
    ("Choice", "Output"): "ignored when no rule matches: give each rule an Output of its own",
    ("Task", "HeartbeatSeconds"): "ignored: use TimeoutSeconds",
    ("Map", "ItemBatcher"): "not executed",
    ("Map", "ItemReader"): "not executed",
    ("Map", "ResultWriter"): "not executed",
}
_TOP = {"Comment", "QueryLanguage", "TimeoutSeconds", "StartAt", "States"}
_RULE = {"Condition", "Next", "Assign", "Output", "Comment"}
_CATCHER = {"ErrorEquals", "Next", "Assign", "Output", "Comment"}
_RETRIER = {
    "ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy",
}  # fmt: skip
RESOURCES = {
    "arn:aws:states:::lambda:invoke",
    "arn:aws:states:::batch:submitJob.sync",
    "arn:aws:states:::codebuild:startBuild.sync",
    "arn:aws:states:::states:startExecution.sync:2",
}


@dataclass(frozen=True)
class Refusal:
    """Something in a definition that would behave differently here and in AWS."""

    where: str
    what: str
    why: str


def refusals(definition: State) -> list[Refusal]:
    """Everything in a machine that must not be used."""
    return [*_top_level(definition), *_states("", definition)]


def every_state(definition: State) -> Iterator[tuple[str, State]]:
    """Each state with its name, those of nested processors included."""
    for name, state in definition["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from every_state(state["ItemProcessor"])


def _top_level(definition: State) -> Iterator[Refusal]:
    yield from _unknown("the machine", definition, _TOP)
    if definition.get("QueryLanguage") != "JSONata":
        yield Refusal("the machine", "QueryLanguage", "must be JSONata")
    if not isinstance(definition.get("TimeoutSeconds"), int):
        yield Refusal("the machine", "TimeoutSeconds", "must be given here: the CDK drops its own")


def _states(prefix: str, machine: State) -> Iterator[Refusal]:
    for name, state in machine["States"].items():
        yield from _state(prefix + name, state)
        yield from _targets(prefix + name, state, set(machine["States"]))


def _state(where: str, state: State) -> Iterator[Refusal]:
    kind = state.get("Type", "")
    if kind not in _FIELDS:
        yield Refusal(where, f"Type {kind}", "its Output, Arguments and Assign are ignored")
        return
    for field in sorted(set(state) - _FIELDS[kind]):
        yield Refusal(where, field, _WHY.get((kind, field), "not a field of this state in JSONata"))
    for check in (_parts, _resource, _processor):
        yield from check(where, state)


def _parts(where: str, state: State) -> Iterator[Refusal]:
    known = {"Retry": _RETRIER, "Catch": _CATCHER, "Choices": _RULE}
    for field, fields in known.items():
        for part in state.get(field, []):
            yield from _unknown(f"{where}.{field}", part, fields)


def _resource(where: str, state: State) -> Iterator[Refusal]:
    if state["Type"] == "Task" and state.get("Resource") not in RESOURCES:
        yield Refusal(where, str(state.get("Resource")), "has no implementation")


def _processor(where: str, state: State) -> Iterator[Refusal]:
    processor = state.get("ItemProcessor")
    if processor is None:
        return
    if processor.get("ProcessorConfig", {}).get("Mode", "INLINE") != "INLINE":
        yield Refusal(where, "ProcessorConfig", "only inline maps are executed as AWS does")
    yield from _unknown(f"{where}.ItemProcessor", processor, {"ProcessorConfig", "StartAt", "States"})
    yield from _states(f"{where}.", processor)


def _targets(where: str, state: State, known: set[str]) -> Iterator[Refusal]:
    parts = [state, *state.get("Catch", []), *state.get("Choices", [])]
    targets = [part["Next"] for part in parts if "Next" in part] + [state.get("Default")]
    for target in targets:
        if target is not None and target not in known:
            yield Refusal(where, f"Next {target}", "there is no such state")


def _unknown(where: str, part: State, known: set[str]) -> Iterator[Refusal]:
    for field in sorted(set(part) - known):
        yield Refusal(where, field, "not known here")
