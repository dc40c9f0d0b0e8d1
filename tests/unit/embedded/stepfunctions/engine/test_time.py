"""Waits, retries, time-outs and heartbeats under a clock that jumps."""

import itertools
from typing import Any

from embedded.stepfunctions import tokens
from embedded.stepfunctions.model import Event
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

_DAY = 86_400


def _a_day() -> list[Event]:
    """A day of waits of a minute, and a task that fails three times with jitter."""
    counting = {"n": "{% $states.input.n + 1 %}"}
    machine = states(
        "Nap",
        Nap={"Type": "Wait", "Seconds": 60, "Output": counting, "Next": "Enough"},
        Enough={
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.n < 1440 %}", "Next": "Nap"}],
            "Default": "Work",
        },
        Work=task(
            Arguments={"fails": 3, "attempt": "{% $states.context.State.RetryCount %}"},
            Retry=[{"ErrorEquals": ["Flaky"], "JitterStrategy": "FULL", "IntervalSeconds": 60}],
            End=True,
        ),
    )
    store = MemoryStore()
    runner = engine(store)
    made = execution(machine, {"n": 0})
    runner.start(made)
    runner.run_until_idle()
    return store.events(made.arn)


def test_a_day_passes_at_once_and_always_alike() -> None:
    """With virtual time and a seed, every event of a day is the same at each run, to the millisecond."""
    first = _a_day()
    assert first[-1]["type"] == "ExecutionSucceeded"
    assert first[-1]["timestamp"] - first[0]["timestamp"] >= _DAY
    assert first == _a_day()


def test_retries_wait_longer_each_time_up_to_their_limit() -> None:
    """IntervalSeconds × BackoffRate to the power of the retries before, at most MaxDelaySeconds."""
    retrier = {
        "ErrorEquals": ["Flaky"],
        "IntervalSeconds": 2,
        "BackoffRate": 3,
        "MaxAttempts": 5,
        "MaxDelaySeconds": 20,
    }
    arguments = {"fails": 4, "attempt": "{% $states.context.State.RetryCount %}"}
    store = MemoryStore()
    runner = engine(store)
    made = execution(states("Work", Work=task(Arguments=arguments, Retry=[retrier], End=True)))
    runner.start(made)
    runner.run_until_idle()
    times = [event["timestamp"] for event in store.events(made.arn) if event["type"] == "TaskScheduled"]
    assert [late - early for early, late in itertools.pairwise(times)] == [2, 6, 18, 20]


def test_a_machine_out_of_time_ends_and_its_task_is_given_up() -> None:
    """`TimeoutSeconds` of a machine ends it as TIMED_OUT, without an event of the state that it was in."""
    tasks = ScriptedTasks(lambda call: None)
    store = MemoryStore()
    runner = engine(store, tasks)
    made = execution({"TimeoutSeconds": 9, **states("Work", Work=task(End=True))})
    runner.start(made)
    runner.run_until_idle()
    assert made.status == "TIMED_OUT"
    assert kinds(store, made.arn)[-2:] == ["TaskStarted", "ExecutionTimedOut"]
    assert [call.state_name for call in tasks.cancelled] == ["Work"]


def test_a_heartbeat_in_time_keeps_a_task_alive_and_a_missing_one_ends_it() -> None:
    """HeartbeatSeconds runs anew from each sign of life; catchers know its end by either name."""
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Arguments": {"token": "{% $states.context.Task.Token %}"},
        "HeartbeatSeconds": 10,
        "TimeoutSeconds": 1000,
        "Catch": [{"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "Gone"}],
        "End": True,
    }
    tasks = ScriptedTasks(lambda call: None)
    store = MemoryStore()
    runner = engine(store, tasks)
    made = execution(states("Work", Work=state, Gone={"Type": "Succeed"}))
    runner.start(made)
    runner.call_later(8, lambda: tokens.beat(runner, tasks.calls[0].token))
    runner.run_until_idle()
    timed_out = next(event for event in store.events(made.arn) if event["type"] == "TaskTimedOut")
    assert timed_out["timestamp"] - made.started == 18
    assert made.status == "SUCCEEDED"


def test_a_task_that_answers_after_its_time_is_not_heard() -> None:
    """The first end stands: what a given up call reports changes nothing."""
    late: list[Any] = []

    def answer(call: TaskCall) -> Report | None:
        late.append(call)
        return None

    store = MemoryStore()
    runner = engine(store, ScriptedTasks(answer))
    made = execution(states("Work", Work=task(TimeoutSeconds=5, End=True)))
    runner.start(made)
    runner.run_until_idle()
    assert not runner.report(made.arn, late[0].strand, late[0].number, Succeeded(1))
    assert made.error == "States.Timeout"


def test_a_token_of_an_ended_task_says_so() -> None:
    """A task that ended is told apart from a text that never was a token."""
    tasks = ScriptedTasks(lambda call: Failed("Gone"))
    runner = engine(MemoryStore(), tasks)
    runner.start(execution(states("Work", Work=task(End=True))))
    runner.run_until_idle()
    for token, refusal in ((tasks.calls[0].token, tokens.TaskTimedOut), ("no token", tokens.InvalidToken)):
        try:
            tokens.answer(runner, token, Succeeded(1))
        except refusal:
            continue
        raise AssertionError(f"{token} was taken")
