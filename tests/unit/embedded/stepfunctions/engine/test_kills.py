"""An execution that is killed at any of its writes ends as the undisturbed one does."""

import itertools
import json
from typing import Any

import pytest

from embedded.stepfunctions.clock import VirtualClock
from embedded.stepfunctions.engine import Engine
from embedded.stepfunctions.model import Execution
from embedded.stepfunctions.store import MemoryStore
from tests.unit.embedded.stepfunctions.engine.scripted import (
    Killed,
    KilledStore,
    ScriptedTasks,
    engine,
    execution,
    run_into_a_kill,
    states,
    task,
)

_FLAKY = task(
    Arguments={"fails": 2, "attempt": "{% $states.context.State.RetryCount %}", "of": "{% $states.input %}"},
    Retry=[{"ErrorEquals": ["Flaky"], "IntervalSeconds": 3, "MaxAttempts": 5}],
    Assign={"seen": "{% $states.result.attempt %}"},
    End=True,
)
_INNER = {**states("Work", Work=_FLAKY)}
_MACHINE = states(
    "First",
    First={"Type": "Pass", "Assign": {"total": 0}, "Output": [1, 2, 3], "Next": "Rest"},
    Rest={"Type": "Wait", "Seconds": 30, "Next": "Both"},
    Both={
        "Type": "Parallel",
        "Branches": [_INNER, states("Nap", Nap={"Type": "Wait", "Seconds": 5, "End": True})],
        "Output": "{% $states.input %}",
        "Next": "Each",
    },
    Each={"Type": "Map", "MaxConcurrency": 2, "ItemProcessor": states("Item", Item=_FLAKY), "Next": "Spread"},
    Spread={
        "Type": "Map",
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            **states("One", One=_FLAKY),
        },
        "Assign": {"total": "{% $count($states.result) %}"},
        "Next": "Sum",
    },
    Sum={"Type": "Succeed", "Output": "{% $total %}"},
)


def _run(store: MemoryStore, *, kill: bool) -> Execution:
    """Run to the end, over a kill where there is one: a new engine takes over what was written."""
    first = engine(store)
    made = execution(_MACHINE)
    try:
        first.start(made)
        first.run_until_idle()
    except Killed:
        assert kill
        _take_over(store, first.clock.now(), made)
    found = store.execution(made.arn)
    assert found is not None
    return found


def _take_over(store: MemoryStore, now: float, made: Execution) -> None:
    second = Engine(store=store, tasks=ScriptedTasks(), clock=VirtualClock(now), seed=2)
    if store.execution(made.arn) is None:
        second.start(execution(_MACHINE))  # It was never accepted; who asked for it asks again.
    second.resume()
    second.run_until_idle()


def _lines(store: MemoryStore, arn: str) -> list[tuple[Any, ...]]:
    return [(event["id"], event["type"], event["previousEventId"]) for event in store.events(arn)]


def _writes() -> int:
    """How often the undisturbed execution writes."""
    counted = itertools.count()
    undisturbed = engine()
    undisturbed.listen(lambda changes: next(counted) and None)
    undisturbed.start(execution(_MACHINE))
    undisturbed.run_until_idle()
    return next(counted)


@pytest.mark.parametrize("written", [False, True], ids=["before the write", "after the write"])
def test_a_kill_at_any_write_changes_nothing_of_the_end(written: bool) -> None:
    """Each transition is written before it takes effect, so a new engine goes on where the last one was."""
    undisturbed = _run(MemoryStore(), kill=False)
    assert (undisturbed.status, json.loads(undisturbed.output or "")) == ("SUCCEEDED", 3)
    for number in range(1, _writes() + 1):
        store = KilledStore(number, written=written)
        found = _run(store, kill=True)
        assert (found.status, found.output) == ("SUCCEEDED", undisturbed.output), number
        numbers = [line[0] for line in _lines(store, found.arn)]
        assert numbers == list(range(1, len(numbers) + 1)), number


def test_a_kill_while_nothing_but_time_is_waited_for_leaves_the_same_history() -> None:
    """A timer fires at the time that was written down, however late the next engine begins."""
    machine = states("Nap", Nap={"Type": "Wait", "Seconds": 100, "Next": "End"}, End={"Type": "Succeed"})
    store = MemoryStore()
    first = engine(store)
    made = execution(machine)
    first.start(made)
    second = Engine(store=store, tasks=ScriptedTasks(), clock=VirtualClock(first.clock.now() + 70), seed=2)
    second.resume()
    second.run_until_idle()
    entered, left = (event["timestamp"] for event in store.events(made.arn)[1:3])
    assert left - entered == 100


def test_a_task_that_was_announced_but_not_begun_is_begun_after_a_kill() -> None:
    """Between TaskScheduled and TaskStarted nothing was called yet: the call is made, once."""
    tasks = ScriptedTasks()
    store = KilledStore(3, written=False)  # The start, TaskScheduled, TaskStarted.
    first = engine(store, ScriptedTasks())
    made = execution(states("Work", Work=task(Arguments={"a": 1}, End=True)))
    run_into_a_kill(first, made)
    second = engine(store, tasks)
    second.resume()
    second.run_until_idle()
    assert (len(tasks.calls), len(tasks.resumed)) == (1, 0)


def test_a_task_in_flight_is_handed_to_its_runner_again_and_not_started_anew() -> None:
    """Whether the call was carried out only its runner can say: it decides what a lost worker means."""
    tasks = ScriptedTasks()
    store = KilledStore(4, written=False)  # The start, TaskScheduled, TaskStarted, the answer.
    first = engine(store, ScriptedTasks())
    run_into_a_kill(first, execution(states("Work", Work=task(Arguments={"a": 1}, End=True))))
    second = engine(store, tasks)
    second.resume()
    second.run_until_idle()
    assert (len(tasks.calls), len(tasks.resumed)) == (0, 1)
