"""Parallel: runs its branches side by side; its result is the list of their outputs.

https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html
"""

from embedded.stepfunctions.leaving import Leave, StateType, done
from embedded.stepfunctions.model import CHILDREN, SUCCEEDED, Strand
from embedded.stepfunctions.news import ChildFailed, ChildSucceeded
from embedded.stepfunctions.states.joining import abort_others
from embedded.stepfunctions.turn import Turn


def begin(turn: Turn) -> None:
    """Start all branches."""
    strand = turn.strand
    given = turn.scope().value(turn.state.get("Arguments", strand.input), "Arguments")
    strand.phase = CHILDREN
    started = turn.record("ParallelStateStarted")
    for index in range(len(turn.state["Branches"])):
        scope = (*strand.scope, "States", strand.state, "Branches", index)
        branch = turn.run.add(strand, index, scope, given)
        branch.last_event = started
        turn.other(branch).signal("enter")


def resume(turn: Turn, news: object) -> Leave | None:
    """A branch ended."""
    if isinstance(news, ChildFailed):
        abort_others(turn, news, _say_nothing)
        raise news.failure
    assert isinstance(news, ChildSucceeded)  # noqa: S101 - there is nothing else that it waits for
    branches = turn.run.children(turn.strand)
    if any(branch.phase != SUCCEEDED for branch in branches):
        return None
    turn.strand.last_event = news.strand.last_event
    turn.record("ParallelStateSucceeded")
    return done(turn, [branch.output for branch in branches], follows=news.strand.last_event)


def _say_nothing(branch: Strand, failed: bool) -> None:
    """No event tells that a branch failed or was aborted."""


TYPE = StateType(begin, resume)
