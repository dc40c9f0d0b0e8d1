"""What Parallel and Map share: the end of all strands below one that failed.

Each strand that was still at work writes that its state was aborted. These events follow the failing one's
last.
"""

from collections.abc import Callable

from embedded.stepfunctions import task_calls
from embedded.stepfunctions.model import ABORTED, CHILDREN, FAILED, MAP_RUN, TASK, WAITING, Strand
from embedded.stepfunctions.news import ChildFailed
from embedded.stepfunctions.turn import Turn

_ABORTED_STATES = {
    TASK: "TaskStateAborted",
    WAITING: "WaitStateAborted",
    MAP_RUN: "MapStateAborted",
}


def abort_others(turn: Turn, news: ChildFailed, announce: Callable[[Strand, bool], object]) -> None:
    """End the children of a strand of which one failed, in their order.

    `announce(child, failed)` is called for each that had not ended, before its states are aborted.
    """
    turn.strand.last_event = news.strand.last_event
    for child in turn.run.children(turn.strand):
        failed = child is news.strand
        if child.has_ended and not failed:
            continue
        announce(child, failed)
        _abort(turn, child)
        if not failed:
            child.phase = ABORTED
    turn.strand.timers = {}


def end_children(turn: Turn) -> None:
    """End what is still at work below a strand that fails by itself."""
    for strand in turn.run.descendants(turn.strand):
        if not strand.has_ended:
            task_calls.cancel(turn.other(strand))
            strand.phase, strand.timers = ABORTED, {}


def _abort(turn: Turn, strand: Strand) -> None:
    """Write that the state of a strand, and what is below it, was aborted."""
    own = turn.other(strand)
    for below in turn.run.children(strand):
        if not below.has_ended:
            _abort(turn, below)
            below.phase = ABORTED
    kind = (
        f"{own.state['Type']}StateAborted"
        if strand.phase == CHILDREN
        else _ABORTED_STATES.get(_phase(strand))
    )
    if strand.phase == MAP_RUN:
        turn.aside("MapRunAborted")
    if kind:
        turn.aside(kind)
    task_calls.cancel(own)
    strand.timers = {}


def _phase(strand: Strand) -> str:
    # A task that just failed is no longer in phase TASK, but its state is aborted all the same.
    return TASK if strand.task and strand.phase == FAILED else strand.phase
