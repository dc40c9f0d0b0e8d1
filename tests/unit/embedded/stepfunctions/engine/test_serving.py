"""An engine that works in a thread of its own."""

import threading
from collections.abc import Iterator

import pytest

from embedded.stepfunctions.clock import RealClock
from embedded.stepfunctions.engine import Engine
from embedded.stepfunctions.store import MemoryStore
from tests.unit.embedded.stepfunctions.engine.scripted import ScriptedTasks, execution, kinds, states, task

_SECONDS = 10


@pytest.fixture
def serving() -> Iterator[Engine]:
    """An engine at work."""
    engine = Engine(store=MemoryStore(), tasks=ScriptedTasks(), clock=RealClock())
    engine.serve()
    yield engine
    engine.close()


def test_executions_go_on_after_a_mistake_outside_of_their_turns(serving: Engine) -> None:
    """What is called at a time may raise; the thread that serves every execution does not end with it."""
    ended = threading.Event()
    serving.call_later(0, lambda: 1 / 0)
    made = execution(states("Nap", Nap={"Type": "Wait", "Seconds": 0, "End": True}))
    serving.start(made)
    serving.when_ended(made.arn, lambda _: ended.set())
    assert ended.wait(_SECONDS)
    assert made.status == "SUCCEEDED"


def test_a_branch_that_fails_aborts_the_map_run_beside_it() -> None:
    """The history tells of the Map Run and of its state; the child executions end as aborted."""
    engine = Engine(store=(store := MemoryStore()), tasks=ScriptedTasks(), clock=RealClock(), seed=1)
    nap = states("Nap", Nap={"Type": "Wait", "Seconds": 3600, "End": True})
    spread = {
        "Type": "Map",
        "Items": [1],
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **nap},
        "End": True,
    }
    failing = states("Work", Work=task(Arguments={"fails": 1, "attempt": 0}, End=True))
    both = {"Type": "Parallel", "Branches": [states("Spread", Spread=spread), failing], "End": True}
    made = execution(states("Both", Both=both))
    engine.start(made)
    engine.run_until_idle()
    aborted = [kind for kind in kinds(store, made.arn) if "Aborted" in kind]
    assert aborted == ["MapRunAborted", "MapStateAborted", "TaskStateAborted"]
    (run,) = store.map_runs(made.arn)
    assert [one.status for one in store.children(run.arn)] == ["ABORTED"]


def test_work_is_over_when_all_executions_ended_whatever_timers_are_left() -> None:
    """A time-out an hour ahead does not hold up who waits for the end of a task that took no time."""
    engine = Engine(store=MemoryStore(), tasks=ScriptedTasks(), clock=RealClock())
    engine.start(execution(states("Work", Work=task(TimeoutSeconds=3600, End=True))))
    working = threading.Thread(target=engine.run_until_idle, daemon=True)
    working.start()
    working.join(_SECONDS)
    assert not working.is_alive()
