"""A Map Run that nobody waits for any more ends with all of its child executions."""

import contextlib
import itertools
from typing import Any

import pytest

from embedded.stepfunctions.clock import VirtualClock
from embedded.stepfunctions.engine import Engine
from embedded.stepfunctions.model import Changes
from embedded.stepfunctions.store import MemoryStore, Store
from embedded.stepfunctions.tasks import Failed, Report, TaskCall
from tests.unit.embedded.stepfunctions.engine.scripted import (
    Answer,
    Killed,
    KilledStore,
    ScriptedTasks,
    echo,
    engine,
    execution,
    run_into_a_kill,
    states,
    task,
)

_NAP = states(
    "Nap",
    Nap={"Type": "Wait", "Seconds": 5, "Next": "Rest"},
    Rest={"Type": "Wait", "Seconds": 5, "End": True},
)
_FAILING = states("Wait", Wait={"Type": "Wait", "Seconds": 5, "Next": "Fail"}, Fail={"Type": "Fail"})
_READER = {"Resource": "arn:aws:states:::s3:getObject", "Arguments": {"Bucket": "b", "Key": "k"}}


def _each(machine: Any, **items: Any) -> dict[str, Any]:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **machine}
    return states("Each", Each={"Type": "Map", "ItemProcessor": processor, "End": True, **items})


def _dropping(branch: Any) -> dict[str, Any]:
    return states("Both", Both={"Type": "Parallel", "Branches": [_FAILING, branch], "End": True})


_MACHINE = _dropping(_each(_NAP, Items=[1, 2, 3]))
_READING = _dropping(_each(_NAP, ItemReader=_READER))


def test_children_that_are_at_work_in_the_same_group_of_turns_are_ended_once() -> None:
    """The parent fails in the very moment in which they go on; who listens hears all in order."""
    store, heard = MemoryStore(), []

    def hear(changes: Changes) -> None:
        heard.extend((changes.execution.arn, event["id"]) for event in changes.events)

    grouping = Engine(store=store, tasks=ScriptedTasks(), clock=VirtualClock(), listeners=[hear])
    made = execution(_MACHINE)
    grouping.start(made)
    grouping.run_until_idle()
    (run,) = store.map_runs(made.arn)
    assert (made.status, run.status) == ("FAILED", "ABORTED")
    assert [child.status for child in store.children(run.arn)] == ["ABORTED"] * 3
    assert all(heard.count(each) == 1 for each in heard)
    assert all(_in_order(heard, arn) for arn in {arn for arn, _ in heard})


def _in_order(heard: list[tuple[str, int]], arn: str) -> bool:
    numbers = [number for found, number in heard if found == arn]
    return numbers == sorted(numbers)


def _unanswered(call: TaskCall) -> Report | None:
    return None


def _writes(machine: dict[str, Any], answer: Answer = _unanswered) -> int:
    counted = itertools.count()
    undisturbed = engine(tasks=ScriptedTasks(answer))
    undisturbed.listen(lambda changes: next(counted) and None)
    undisturbed.start(execution(machine))
    undisturbed.run_until_idle()
    return next(counted)


@pytest.mark.parametrize("machine", [_MACHINE, _READING], ids=["children at work", "items still read"])
def test_a_kill_at_any_write_leaves_nothing_running(machine: dict[str, Any]) -> None:
    """That the Map Run is over is written with what ended it: the next engine ends its children."""
    for number in range(1, _writes(machine) + 1):
        store, made = KilledStore(number, written=True), execution(machine)
        first = engine(store, ScriptedTasks(_unanswered))
        run_into_a_kill(first, made)
        _go_on(store, _unanswered, now=first.now())
        (run,) = store.map_runs(made.arn)
        assert run.status == "ABORTED", number
        assert {child.status for child in store.children(run.arn)} <= {"ABORTED"}, number


def _engine(store: Store, answer: Answer, *, now: float) -> Engine:
    return Engine(store=store, tasks=ScriptedTasks(answer), clock=VirtualClock(now), seed=2, at_once=1)


def _go_on(store: Store, answer: Answer, *, now: float) -> None:
    second = _engine(store, answer, now=now)
    second.resume()
    second.run_until_idle()


def _broken(call: TaskCall) -> Report:
    return Failed("Broken", "for now")


def test_a_kill_amid_a_redrive_leaves_no_child_out_of_it() -> None:
    """The Map Run is written as redriven before its children are: the next engine redrives the rest."""
    machine = _each(states("Work", Work=task(Arguments={"a": 1}, End=True)), Items=[1, 2, 3])
    before = _writes(machine, _broken)
    for after in range(1, 5):
        store, made = KilledStore(before + after, written=True), execution(machine)
        first = engine(store, ScriptedTasks(_broken))
        first.start(made)
        first.run_until_idle()
        assert made.error == "States.ExceedToleratedFailureThreshold"
        later = _engine(store, echo, now=first.now() + 60)
        with contextlib.suppress(Killed):
            later.redrive(made.arn)
            later.run_until_idle()
        _go_on(store, echo, now=later.now())
        ended = store.execution(made.arn)
        assert ended is not None
        assert (ended.status, ended.output) == ("SUCCEEDED", '[{"a":1},{"a":1},{"a":1}]'), after
