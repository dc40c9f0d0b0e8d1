"""An answer to a task is acknowledged exactly if the task takes it."""

from embedded.stepfunctions.engine import Engine
from embedded.stepfunctions.store import MemoryStore
from embedded.stepfunctions.tasks import Failed, Reporter, Succeeded, TaskCall
from tests.unit.embedded.stepfunctions.engine.scripted import (
    ScriptedTasks,
    engine,
    execution,
    kinds,
    states,
    task,
)

_RETRY = [{"ErrorEquals": ["Lost"], "IntervalSeconds": 60}]


class _Kept(ScriptedTasks):
    """Keeps the reporters of its calls."""

    def __init__(self) -> None:
        super().__init__(lambda call: None)
        self.reporters: list[Reporter] = []

    def start(self, call: TaskCall, report: Reporter) -> None:
        """Leave it to the test to report."""
        super().start(call, lambda news: None)
        self.reporters.append(report)


def _asked() -> tuple[Engine, MemoryStore, _Kept]:
    """An engine with a call that waits for its answer."""
    store, tasks = MemoryStore(), _Kept()
    runner = engine(store, tasks)
    runner.start(execution(states("Work", Work=task(Retry=_RETRY, End=True))))
    while not tasks.calls:  # And no further: what is reported then waits for its turn.
        assert runner._step(forever=False)
    return runner, store, tasks


def test_an_answer_in_time_is_taken() -> None:
    """It is in the history when it is acknowledged."""
    runner, store, tasks = _asked()
    (call,) = tasks.calls
    assert runner.heartbeat(call.execution_arn, call.strand, call.number)
    assert runner.report(call.execution_arn, call.strand, call.number, Succeeded({}))
    assert "TaskSucceeded" in kinds(store, call.execution_arn)


def test_an_answer_behind_a_failure_is_refused() -> None:
    """The failure came first, though it had not had its turn yet; the task is retried."""
    runner, store, tasks = _asked()
    (call,), (report,) = tasks.calls, tasks.reporters
    report(Failed("Lost"))
    assert not runner.report(call.execution_arn, call.strand, call.number, Succeeded({}))
    assert "TaskFailed" in kinds(store, call.execution_arn)
    assert "TaskSucceeded" not in kinds(store, call.execution_arn)


def test_a_sign_of_life_behind_a_failure_is_refused() -> None:
    """As SendTaskHeartbeat does for a task that ended."""
    runner, _, tasks = _asked()
    (call,), (report,) = tasks.calls, tasks.reporters
    report(Failed("Lost"))
    assert not runner.heartbeat(call.execution_arn, call.strand, call.number)
