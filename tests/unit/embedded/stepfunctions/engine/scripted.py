"""Engines for tests: time that jumps, tasks that answer by what they are given, stores that are killed."""

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

from embedded.stepfunctions.clock import VirtualClock
from embedded.stepfunctions.command import new_execution
from embedded.stepfunctions.engine import Engine
from embedded.stepfunctions.model import Changes, Execution
from embedded.stepfunctions.store import MemoryStore, Store
from embedded.stepfunctions.tasks import Failed, Report, Reporter, Started, Submitted, Succeeded, TaskCall

Answer = Callable[[TaskCall], Report | None]


def echo(call: TaskCall) -> Report:
    """The arguments; a task whose arguments name a failure that is still to come fails."""
    arguments = call.arguments if isinstance(call.arguments, dict) else {}
    if arguments.get("attempt", 0) < arguments.get("fails", 0):
        return Failed("Flaky", f"attempt {arguments['attempt']}")
    return Succeeded(arguments)


class ScriptedTasks:
    """Answers each call by a function; None leaves it without an answer."""

    works_aside = False

    def __init__(self, answer: Answer = echo) -> None:
        self._answer = answer
        self.calls: list[TaskCall] = []
        self.cancelled: list[TaskCall] = []
        self.resumed: list[TaskCall] = []

    def refusal(self, resource: object, arguments: Any) -> str | None:
        """Nothing is refused."""
        return None

    def start(self, call: TaskCall, report: Reporter) -> None:
        """Report the answer at once."""
        self.calls.append(call)
        if call.resource.kind == "activity":
            report(Started("worker"))
        if call.resource.is_submitted:
            report(Submitted({"Id": str(call.number)}))
        answer = self._answer(call)
        if answer is not None:
            report(answer)

    def resume(self, call: TaskCall, submitted: Submitted | None, report: Reporter) -> None:
        """Answer as before."""
        self.resumed.append(call)
        answer = self._answer(call)
        if answer is not None:
            report(answer)

    def cancel(self, call: TaskCall) -> None:
        """Remember who was given up."""
        self.cancelled.append(call)


class Killed(BaseException):
    """The process ends here."""


class KilledStore(MemoryStore):
    """A store in which the process ends at the n-th write: before it is done, or just after."""

    def __init__(self, at: int, *, written: bool) -> None:
        super().__init__()
        self._left, self._written = at, written

    def save(self, *all_changes: Changes) -> None:
        """Write, or end. What is written does not change with what is in memory."""
        self._left -= 1
        if self._left != 0 or self._written:
            super().save(*copy.deepcopy(all_changes))
        if self._left == 0:
            raise Killed


def run_into_a_kill(runner: Engine, made: Execution) -> None:
    """Work until the store ends the process."""
    try:
        runner.start(made)
        runner.run_until_idle()
    except Killed:
        return
    raise AssertionError("nothing was killed")


def engine(store: Store | None = None, tasks: ScriptedTasks | None = None) -> Engine:
    """An engine in virtual time that writes every turn by itself."""
    store, tasks = store or MemoryStore(), tasks or ScriptedTasks()
    return Engine(store=store, tasks=tasks, clock=VirtualClock(), seed=1, at_once=1)


def execution(machine: Mapping[str, Any], given: Any = None) -> Execution:
    """An execution of a machine in JSONata."""
    definition = {"QueryLanguage": "JSONata", **machine}
    return new_execution(
        definition, json.dumps(given or {}), machine="machine", name="one", now=VirtualClock().now()
    )


def states(first: str, **definitions: Mapping[str, Any]) -> dict[str, Any]:
    """A machine."""
    return {"StartAt": first, "States": definitions}


def task(**more: Any) -> dict[str, Any]:
    """A Task state that invokes a function."""
    return {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", **more}


def kinds(store: Store, arn: str) -> list[str]:
    """The types of an execution's events."""
    return [event["type"] for event in store.events(arn)]
