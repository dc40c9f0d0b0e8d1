"""Map: inline or distributed, by the `Mode` of its item processor."""

from embedded.stepfunctions.leaving import Leave, StateType
from embedded.stepfunctions.states import distributed_map, inline_map
from embedded.stepfunctions.turn import Turn


def begin(turn: Turn) -> Leave | None:
    """Begin as its mode says."""
    return _mode(turn).begin(turn)


def resume(turn: Turn, news: object) -> Leave | None:
    """Go on as its mode says."""
    return _mode(turn).resume(turn, news)


def _mode(turn: Turn) -> StateType:
    config = turn.state["ItemProcessor"].get("ProcessorConfig", {})
    return distributed_map.TYPE if config.get("Mode") == "DISTRIBUTED" else inline_map.TYPE


TYPE = StateType(begin, resume)
