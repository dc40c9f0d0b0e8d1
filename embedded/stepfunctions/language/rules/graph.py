"""Where states lead: targets that exist, an end, and no state that nothing leads to."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from embedded.stepfunctions.language.diagnostics import (
    DUPLICATE_LABEL_NAME,
    DUPLICATE_STATE_NAME,
    MISSING_END_STATE,
    MISSING_TARGET,
    TOO_DEEPLY_NESTED,
    Diagnostic,
    error,
    warning,
)
from embedded.stepfunctions.language.fields import CONTAINERS
from embedded.stepfunctions.language.rules.walk import Part

MAX_NESTING = 100
"""Branches and processors within each other; AWS names no number."""
_TERMINAL = ("Succeed", "Fail")


def check_graph(part: Part) -> Iterator[Diagnostic]:
    """The transitions of the states of a machine, a branch or a processor."""
    if part.group not in CONTAINERS or not part.states:
        return
    if len(part.scopes) > MAX_NESTING:
        yield error(TOO_DEEPLY_NESTED, "The states are too deeply nested", part.location)
    start = part.value.get("StartAt")
    if isinstance(start, str) and start not in part.states:
        yield error(MISSING_TARGET, f"Missing 'Next' target: {start}", f"{part.location}/StartAt")
    for name, state in part.states.items():
        for field, target in targets(state):
            if target not in part.states:
                location = f"{part.location}/States/{name}/{field}"
                yield error(MISSING_TARGET, f"Missing 'Next' target: {target}", location)
    yield from _ends(part, start)


def _ends(part: Part, start: Any) -> Iterator[Diagnostic]:
    if not any(_is_terminal(state) for state in part.states.values()):
        # AWS looks for an end of the machine alone; a branch without one never ends there either.
        found = warning if part.location else error
        yield found(MISSING_END_STATE, "Workflow has no terminal state", part.location or None)
        return
    reached = _reached(part.states, start)
    for name in part.states:
        if name not in reached:
            location = f"{part.location}/States/{name}"
            yield error(MISSING_TARGET, f'State "{name}" is not reachable.', location)


def _is_terminal(state: Any) -> bool:
    return isinstance(state, dict) and (state.get("Type") in _TERMINAL or state.get("End") is True)


def _reached(states: dict[str, Any], start: Any) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if isinstance(name, str) and name in states and name not in reached:
            reached.add(name)
            waiting += [target for _, target in targets(states[name])]
    return reached


def leading_to(states: dict[str, Any], goal: str) -> list[Any]:
    """The states from which another can be reached, itself only on a way round."""
    return [state for state in states.values() if goal in _reached_from(states, state)]


def _reached_from(states: dict[str, Any], state: Any) -> set[str]:
    return {name for _, target in targets(state) for name in _reached(states, target)}


def targets(state: Any) -> Iterator[tuple[str, str]]:
    """The field and the name of each state that can follow."""
    if not isinstance(state, dict):
        return
    candidates = [("Next", state.get("Next")), ("Default", state.get("Default"))]
    for field in ("Choices", "Catch"):
        entries = state.get(field)
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            target = entry.get("Next") if isinstance(entry, dict) else None
            candidates.append((f"{field}[{index}]/Next", target))
    yield from ((field, target) for field, target in candidates if isinstance(target, str))


def check_unique(all_parts: list[Part]) -> Iterator[Diagnostic]:
    """Names of states and labels of Maps are unique in the whole machine."""
    containers = [part for part in all_parts if part.group in CONTAINERS]
    seen: set[str] = set()
    for part in containers:
        for name in part.states:
            if name in seen:
                location = f"{part.location}/States/{name}"
                yield error(DUPLICATE_STATE_NAME, f"Duplicate State name: {name}", location)
        seen |= set(part.states)
    labels = [part for part in all_parts if part.group == "Map" and isinstance(part.value.get("Label"), str)]
    counted = Counter(part.value["Label"] for part in labels)
    for part in labels:
        if counted[part.value["Label"]] > 1:
            message = f"Duplicate label name: {part.value['Label']}"
            yield error(DUPLICATE_LABEL_NAME, message, f"{part.location}/Label")
