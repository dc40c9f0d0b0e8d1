"""Map, inline: runs its iterations within the execution; its result is the list of their outputs.

https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
"""

from typing import Any

from embedded.stepfunctions.evaluation import Scope
from embedded.stepfunctions.leaving import Leave, StateType, done
from embedded.stepfunctions.model import CHILDREN, SUCCEEDED, Strand
from embedded.stepfunctions.news import ChildFailed, ChildSucceeded
from embedded.stepfunctions.states.joining import abort_others
from embedded.stepfunctions.turn import Turn

MOST_AT_ONCE = 40
"""How many iterations AWS runs: https://docs.aws.amazon.com/step-functions/latest/dg/state-map.html."""


def begin(turn: Turn) -> Leave | None:
    """Start as many iterations as may run at once."""
    strand, scope = turn.strand, turn.scope()
    items = (
        scope.typed(turn.state["Items"], "Items", "array") if "Items" in turn.state else _input(scope, strand)
    )
    most = scope.whole(turn.state.get("MaxConcurrency", 0), "MaxConcurrency", least=0, most=10_000)
    strand.phase = CHILDREN
    strand.work = {"items": items, "at_once": min(most or MOST_AT_ONCE, MOST_AT_ONCE)}
    turn.record("MapStateStarted", {"length": len(items)})
    if not items:
        return _finish(turn)
    for index in range(min(len(items), strand.work["at_once"])):
        _start(turn, index, strand.last_event)
    return None


def resume(turn: Turn, news: object) -> Leave | None:
    """An iteration ended."""
    if isinstance(news, ChildFailed):
        abort_others(turn, news, lambda child, failed: _end(turn, child, "Failed" if failed else "Aborted"))
        raise news.failure
    assert isinstance(news, ChildSucceeded)  # noqa: S101 - there is nothing else that it waits for
    child = news.strand
    turn.strand.last_event = child.last_event
    ended = _end(turn, child, "Succeeded")
    begun = len(turn.run.children(turn.strand))
    if begun < len(turn.strand.work["items"]):
        _start(turn, begun, child.last_event)
        return None
    turn.strand.last_event = ended
    children = turn.run.children(turn.strand)
    return _finish(turn) if all(one.phase == SUCCEEDED for one in children) else None


def _input(scope: Scope, strand: Strand) -> list[Any]:
    if isinstance(strand.input, list):
        return strand.input
    raise scope.refusal("The Items field is missing, and the state's input is no array.", "Items")


def _start(turn: Turn, index: int, previous: int) -> None:
    strand = turn.strand
    item = {"Item": {"Index": index, "Value": strand.work["items"][index]}}
    given = _selected(turn, item)
    child = turn.run.add(strand, index, (*strand.scope, "States", strand.state, "ItemProcessor"), given)
    child.context = {"Map": item}
    child.last_event = turn.run.record(
        "MapIterationStarted", turn.now, previous=previous, details={"name": strand.state, "index": index}
    )
    turn.other(child).signal("enter")


def _selected(turn: Turn, item: dict[str, Any]) -> Any:
    if "ItemSelector" not in turn.state:
        return item["Item"]["Value"]
    return turn.scope(context=turn.context() | {"Map": item}).value(
        turn.state["ItemSelector"], "ItemSelector"
    )


def _end(turn: Turn, child: Strand, how: str) -> int:
    return turn.aside(f"MapIteration{how}", {"name": turn.strand.state, "index": child.index})


def _finish(turn: Turn) -> Leave:
    ended = turn.strand.last_event
    turn.record("MapStateSucceeded")
    return done(turn, [child.output for child in turn.run.children(turn.strand)], follows=ended)


TYPE = StateType(begin, resume)
