"""What a state machine's history tells."""

from datetime import timedelta

from sluiceway.cli.history import merge_loops, states_of, transitions_of
from tests.fakes.stage import START, history


def test_states_are_told_in_order_with_their_times():
    """A state that was not left lasts."""
    states = states_of(
        history(
            ("TaskStateEntered", "PlanRun"), ("TaskStateExited", "PlanRun"), ("MapStateEntered", "RunSteps")
        )
    )
    now = START + timedelta(seconds=10)
    assert [(each.name, each.status, each.seconds(now)) for each in states] == [
        ("PlanRun", "SUCCEEDED", 1.0),
        ("RunSteps", "RUNNING", 8.0),
    ]


def test_a_state_that_a_catch_left_has_failed():
    """Its exit looks like any other; the task's failure before it tells."""
    states = states_of(
        history(("TaskStateEntered", "Train"), "TaskScheduled", "TaskFailed", ("TaskStateExited", "Train"))
    )
    assert states[0].status == "FAILED"


def test_a_state_that_succeeded_when_tried_again_has_not_failed():
    """Only the last attempt counts."""
    attempts = ["TaskScheduled", "TaskFailed", "TaskScheduled", "TaskSucceeded"]
    states = states_of(history(("TaskStateEntered", "T"), *attempts, ("TaskStateExited", "T")))
    assert states[0].status == "SUCCEEDED"


def test_what_was_open_when_the_execution_ended_badly_has_failed():
    """An abort leaves no exit events."""
    states = states_of(history(("TaskStateEntered", "Train"), "ExecutionAborted"))
    assert (states[0].status, states[0].ended) == ("FAILED", START + timedelta(seconds=1))


def test_a_loop_is_shown_as_one_visit_of_each_of_its_states():
    """Waiting for an endpoint may take hundreds of rounds."""
    around = [("WaitStateEntered", "Wait"), ("WaitStateExited", "Wait")]
    (state,) = merge_loops(states_of(history(*around, *around)))
    assert (state.started, state.ended) == (START, START + timedelta(seconds=3))


def test_a_transition_is_an_attempt_of_a_task_or_the_entry_into_another_state():
    """As AWS bills them: retries count, and so do the tasks inside a Map."""
    events = history(
        ("TaskStateEntered", "T"),
        "TaskScheduled",
        "TaskFailed",
        "TaskScheduled",
        ("TaskStateExited", "T"),
        ("ChoiceStateEntered", "C"),
        ("MapStateEntered", "M"),
        "TaskScheduled",
    )
    assert transitions_of(events) == 5
