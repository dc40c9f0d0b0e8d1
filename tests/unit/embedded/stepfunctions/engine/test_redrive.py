"""A redrive takes up what failed, and keeps what succeeded."""

from typing import Any

from embedded.stepfunctions.store import MemoryStore
from embedded.stepfunctions.tasks import Failed, Report, Succeeded, TaskCall
from tests.unit.embedded.stepfunctions.engine.scripted import (
    ScriptedTasks,
    engine,
    execution,
    kinds,
    states,
    task,
)


class _Broken:
    """Fails what it is told to, until it is mended."""

    def __init__(self, *names: Any) -> None:
        self.names = set(names)

    def __call__(self, call: TaskCall) -> Report:
        if self.names & {call.state_name, str(call.arguments)}:
            return Failed("Broken", "for now")
        return Succeeded(call.arguments)


def _called(tasks: ScriptedTasks) -> list[str]:
    return [f"{call.state_name} {call.arguments}" for call in tasks.calls]


def test_the_failed_state_is_tried_again_without_being_entered_again() -> None:
    """ExecutionRedriven, then the state is scheduled anew with the input that it had."""
    broken = _Broken("Work")
    store, tasks = MemoryStore(), ScriptedTasks(broken)
    runner = engine(store, tasks)
    made = execution(states("First", First=task(Next="Work"), Work=task(End=True)), {"a": 1})
    runner.start(made)
    runner.run_until_idle()
    broken.names.clear()
    runner.redrive(made.arn)
    runner.run_until_idle()
    after = kinds(store, made.arn)[kinds(store, made.arn).index("ExecutionRedriven") :]
    assert after[:3] == ["ExecutionRedriven", "TaskScheduled", "TaskStarted"]
    assert (made.status, made.redrives, [call.state_name for call in tasks.calls]) == (
        "SUCCEEDED",
        1,
        ["First", "Work", "Work"],
    )


def test_only_the_branch_that_failed_runs_again() -> None:
    """The result of a branch that had ended well is kept."""
    broken = _Broken("B")
    tasks = ScriptedTasks(broken)
    runner = engine(MemoryStore(), tasks)
    branches = [states("A", A=task(Arguments="a", End=True)), states("B", B=task(Arguments="b", End=True))]
    made = execution(states("Both", Both={"Type": "Parallel", "Branches": branches, "End": True}))
    runner.start(made)
    runner.run_until_idle()
    broken.names.clear()
    runner.redrive(made.arn)
    runner.run_until_idle()
    assert _called(tasks) == ["A a", "B b", "B b"]
    assert made.output == '["a","b"]'


def test_only_the_child_executions_that_failed_run_again() -> None:
    """A distributed Map redrives its failed children and starts those that were still pending."""
    broken = _Broken("2")
    tasks = ScriptedTasks(broken)
    store = MemoryStore()
    runner = engine(store, tasks)
    each = task(Arguments="{% $states.input %}", End=True)
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        **states("E", E=each),
    }
    state = {"Type": "Map", "MaxConcurrency": 1, "Items": [1, 2, 3], "ItemProcessor": processor, "End": True}
    made = execution(states("M", M=state))
    runner.start(made)
    runner.run_until_idle()
    assert made.error == "States.ExceedToleratedFailureThreshold"
    broken.names.clear()
    runner.redrive(made.arn)
    runner.run_until_idle()
    assert _called(tasks) == ["E 1", "E 2", "E 2", "E 3"]
    assert made.output == "[1,2,3]"
    assert "MapRunRedriven" in kinds(store, made.arn)


def test_a_stopped_execution_can_be_redriven() -> None:
    """What was aborted goes on at the state that it was in."""
    tasks = ScriptedTasks(lambda call: None)
    runner = engine(MemoryStore(), tasks)
    made = execution(states("Work", Work=task(End=True)))
    runner.start(made)
    runner.run_until_idle()
    runner.stop(made.arn, "Enough")
    assert (made.status, made.error) == ("ABORTED", "Enough")
    tasks._answer = lambda call: Succeeded("done")
    runner.redrive(made.arn)
    runner.run_until_idle()
    assert (made.status, made.output, made.error) == ("SUCCEEDED", '"done"', None)
