"""What a state machine's history tells: which states, how long each took, how many transitions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

Event = Mapping[str, Any]
StateStatus = Literal["RUNNING", "SUCCEEDED", "FAILED"]
_BAD_ENDS = ("Failed", "TimedOut", "Aborted")


@dataclass(frozen=True)
class StateProgress:
    """One visit to a state; `ended` is None while it lasts."""

    name: str
    started: datetime
    ended: datetime | None = None
    status: StateStatus = "RUNNING"
    depth: int = 0
    """1 for the states of an execution that a state runs, and so on."""

    def seconds(self, now: datetime) -> float:
        """How long it took, or has taken up to now."""
        return max(0.0, ((self.ended or now) - self.started).total_seconds())


def read_history(client: Any, execution_arn: str) -> list[Event]:
    """Read all events of an execution; none while it does not exist."""
    paginator = client.get_paginator("get_execution_history")
    try:
        pages = paginator.paginate(executionArn=execution_arn, includeExecutionData=False)
        return [event for page in pages for event in page["events"]]
    except client.exceptions.ExecutionDoesNotExist:
        return []


def states_of(events: Sequence[Event], depth: int = 0) -> tuple[StateProgress, ...]:
    """Visits to states, in order of entry. What a catch left, or what was open at a bad end, has failed."""
    visits: list[StateProgress] = []
    failed = False
    for event in events:
        kind = str(event["type"])
        if kind.endswith("StateEntered"):
            visits.append(_entered(event, depth))
            failed = False
        elif kind.endswith("StateExited"):
            _close(visits, event["stateExitedEventDetails"]["name"], event["timestamp"], failed=failed)
        elif kind.startswith("Execution") and kind.endswith(_BAD_ENDS):
            _close_all(visits, event["timestamp"])
        else:
            failed = kind.endswith(_BAD_ENDS)
    return tuple(visits)


def _entered(event: Event, depth: int) -> StateProgress:
    return StateProgress(event["stateEnteredEventDetails"]["name"], event["timestamp"], depth=depth)


def _close(visits: list[StateProgress], name: str, moment: datetime, *, failed: bool) -> None:
    for at, visit in enumerate(visits):
        if visit.name == name and visit.ended is None:
            visits[at] = replace(visit, ended=moment, status="FAILED" if failed else "SUCCEEDED")
            return


def _close_all(visits: list[StateProgress], moment: datetime) -> None:
    for visit in [each for each in visits if each.ended is None]:
        _close(visits, visit.name, moment, failed=True)


def merge_loops(states: Sequence[StateProgress]) -> tuple[StateProgress, ...]:
    """Visits of one state as one, from the first entry to the last exit."""
    merged: dict[tuple[int, str], StateProgress] = {}
    for state in states:
        first = merged.get((state.depth, state.name), state)
        merged[state.depth, state.name] = replace(state, started=first.started)
    return tuple(merged.values())


def transitions_of(events: Sequence[Event]) -> int:
    """How many state transitions AWS counts: each attempt of a task, and each entry into any other state."""
    kinds = [str(event["type"]) for event in events]
    attempts = sum(
        kind in ("TaskScheduled", "LambdaFunctionScheduled", "ActivityScheduled") for kind in kinds
    )
    others = sum(kind.endswith("StateEntered") and kind != "TaskStateEntered" for kind in kinds)
    return attempts + others


def nested_arn(machine_arn: str, name: str) -> str:
    """ARN of the execution of a state machine that has this name."""
    return f"{machine_arn.replace(':stateMachine:', ':execution:')}:{name}"
