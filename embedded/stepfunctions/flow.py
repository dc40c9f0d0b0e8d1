"""What all states have in common: how one is entered, tried, left, and how it fails."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from embedded.stepfunctions import failures, history, retries, task_calls
from embedded.stepfunctions.documents import dumps, is_too_large
from embedded.stepfunctions.evaluation import Scope
from embedded.stepfunctions.failures import Ending, EvaluationFailure, StateFailure
from embedded.stepfunctions.leaving import Leave
from embedded.stepfunctions.model import FAILED, READY, RETRYING, SUCCEEDED
from embedded.stepfunctions.news import ChildFailed, ChildSucceeded
from embedded.stepfunctions.states import joining
from embedded.stepfunctions.states.table import STATE_TYPES
from embedded.stepfunctions.turn import Turn

_JOINING = frozenset({"Parallel", "Map"})


def enter(turn: Turn) -> None:
    """Enter the state that the strand is ready for, and try it once."""
    strand = turn.strand
    strand.entered = turn.now
    given = history.text("input", _input_text(turn))
    number = turn.record(f"{turn.state['Type']}StateEntered", {"name": strand.state, **given})
    strand.entered_event = number
    attempt(turn)


def attempt(turn: Turn) -> None:
    """Try the state, for the first time or again."""
    turn.strand.settle()
    guarded(turn, STATE_TYPES[turn.state["Type"]].begin)


def resume(turn: Turn, news: object) -> None:
    """Tell the state what it waited for."""
    guarded(turn, lambda turn: STATE_TYPES[turn.state["Type"]].resume(turn, news))


def guarded(turn: Turn, step: Callable[[Turn], Leave | None]) -> None:
    """Take a step of the state; it may end the state, well or badly."""
    try:
        leaving = step(turn)
        if leaving:
            leave(turn, leaving)
    except StateFailure as failure:
        fail(turn, failure)


def leave(turn: Turn, leaving: Leave) -> None:
    """Evaluate `Output` and `Assign`, write the exit, and go on to the next state."""
    scope = cache(lambda: turn.scope(**leaving.states))  # Made once, where a field asks for it.
    output = _value(leaving, "Output", leaving.default, scope=scope)
    assigned = _value(leaving, "Assign", {}, scope=scope)
    text = dumps(output)
    if is_too_large(text):
        cause = turn.prefix + failures.too_large(turn.strand.state)
        raise StateFailure(failures.DATA_LIMIT, cause)
    if leaving.follows is not None:
        turn.strand.last_event = leaving.follows
    _exit(turn, text, assigned)
    _go_on(turn, leaving.fields.get("Next"), output)


def fail(turn: Turn, failure: StateFailure) -> None:
    """Retry, catch, or hand the failure on."""
    joining.end_children(turn)
    if isinstance(failure, EvaluationFailure):
        _record_evaluation(turn, failure)
    if failure.error == failures.RUNTIME:
        end(turn, Ending(FAILED, failure.error, failure.cause))
        return
    delay = retries.next_delay(turn.state, turn.strand, failure, turn.draw)
    if delay is not None:
        _retry(turn, delay)
        return
    before = turn.strand.last_event
    _record_failed_join(turn)
    _catch_or_hand_on(turn, failure, before)


def end(turn: Turn, ending: Ending, *, output: Any = None) -> None:
    """End the whole execution; `output` is that of its last state."""
    task_calls.cancel_all(turn)
    text = dumps(output) if ending.status == SUCCEEDED else None
    turn.run.end(ending, turn.now, previous=turn.strand.last_event, output=text)


def _input_text(turn: Turn) -> str:
    execution = turn.run.execution
    is_first = turn.strand.parent is None and turn.strand.last_event == 0
    return execution.input if is_first else dumps(turn.strand.input)


def _value(leaving: Leave, field: str, default: Any, *, scope: Callable[[], Scope]) -> Any:
    """What a field of a transition gives."""
    if field not in leaving.fields:
        return default
    where = f"{leaving.place}/{field}" if leaving.place else field
    return scope().value(leaving.fields[field], where)


def _exit(turn: Turn, output: str, assigned: Mapping[str, Any]) -> None:
    strand = turn.strand
    details = {"name": strand.state, **history.text("output", output), **history.assigned(assigned)}
    turn.record(f"{turn.state['Type']}StateExited", details)
    strand.variables = {**strand.variables, **assigned}
    turn.run.drop_children(strand)
    strand.leave()


def _go_on(turn: Turn, target: str | None, output: Any) -> None:
    strand = turn.strand
    if target is not None:
        strand.state, strand.input, strand.phase = target, output, READY
        turn.signal("enter")
        return
    strand.phase, strand.output = SUCCEEDED, output
    parent = turn.run.parent_of(strand)
    if parent is None:
        end(turn, Ending(SUCCEEDED), output=output)
    else:
        resume(turn.other(parent), ChildSucceeded(strand))


def _record_evaluation(turn: Turn, failure: EvaluationFailure) -> None:
    turn.record(
        "EvaluationFailed",
        {
            "error": failure.error,
            "cause": failure.cause,
            "location": failure.location,
            "state": turn.strand.state,
        },
    )


def _record_failed_join(turn: Turn) -> None:
    if turn.state["Type"] in _JOINING:
        turn.record(f"{turn.state['Type']}StateFailed")


def _retry(turn: Turn, delay: float) -> None:
    turn.run.drop_children(turn.strand)
    turn.strand.settle()
    turn.strand.phase = RETRYING
    turn.set_timer("retry", delay)


def _catch_or_hand_on(turn: Turn, failure: StateFailure, before: int) -> None:
    index = retries.find_catcher(turn.state, failure)
    if index is None:
        _hand_on(turn, failure)
        return
    try:
        leave(turn, _caught(turn, failure, index))
    except StateFailure as second:
        if second.error == failures.RUNTIME:
            raise
        _fail_in_catcher(turn, second, before)


def _fail_in_catcher(turn: Turn, failure: StateFailure, before: int) -> None:
    """What a catcher itself does wrong is not caught again."""
    turn.strand.last_event = before
    if isinstance(failure, EvaluationFailure):
        _record_evaluation(turn, failure)
    _record_failed_join(turn)
    _hand_on(turn, failure)


def _caught(turn: Turn, failure: StateFailure, index: int) -> Leave:
    error_output = {"Error": failure.error or "", "Cause": failure.cause or ""}
    return Leave(
        error_output,
        fields=turn.state["Catch"][index],
        place=f"Catch[{index}]",
        states={"errorOutput": error_output},
    )


def _hand_on(turn: Turn, failure: StateFailure) -> None:
    """The strand fails, and with it what waits for it."""
    strand = turn.strand
    strand.phase, strand.error, strand.cause = FAILED, failure.error, failure.cause
    parent = turn.run.parent_of(strand)
    if parent is None:
        end(turn, Ending(FAILED, failure.error, failure.cause))
    else:
        # No longer an evaluation of the parent's: only the names and the cause go up.
        handed = StateFailure(failure.error, failure.cause, also=failure.also)
        resume(turn.other(parent), ChildFailed(strand, handed))
