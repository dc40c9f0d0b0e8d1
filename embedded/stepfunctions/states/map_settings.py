"""What a distributed Map is told by parts of its own: numbers in them may be expressions, and have limits."""

from collections.abc import Mapping
from typing import Any

from embedded.stepfunctions.items import MOST_ITEMS
from embedded.stepfunctions.language.fields import LARGEST_BATCH
from embedded.stepfunctions.turn import Turn

_READER = "ItemReader/ReaderConfig"
# Largest values.
_READER_NUMBERS = {"MaxItems": MOST_ITEMS}
_BATCHER_NUMBERS = {"MaxItemsPerBatch": MOST_ITEMS, "MaxInputBytesPerBatch": LARGEST_BATCH}


def reader(turn: Turn) -> dict[str, Any]:
    """The ItemReader, evaluated."""
    found: dict[str, Any] = turn.scope().value(turn.state["ItemReader"], "ItemReader")
    config = turn.state["ItemReader"].get("ReaderConfig", {})
    numbers = _numbers(turn, config, _READER, _READER_NUMBERS)
    return found | {"ReaderConfig": found.get("ReaderConfig", {}) | numbers}


def batcher(turn: Turn) -> dict[str, Any]:
    """The ItemBatcher, evaluated; empty where there is none."""
    part: dict[str, Any] = turn.state.get("ItemBatcher", {})
    found: dict[str, Any] = turn.scope().value(part, "ItemBatcher")
    return found | _numbers(turn, part, "ItemBatcher", _BATCHER_NUMBERS)


def tolerated_percentage(turn: Turn) -> float:
    """How much of the items may fail, from 0 to 100."""
    name = "ToleratedFailurePercentage"
    found: float = turn.scope().typed(turn.state.get(name, 0), name, "number")
    if not 0 <= found <= 100:
        raise turn.scope().refusal(f"{name} must be between 0 and 100 but was: {found}", name)
    return found


def _numbers(turn: Turn, part: Mapping[str, Any], where: str, most: Mapping[str, int]) -> dict[str, int]:
    """The whole numbers of a part, each at least 1."""
    return {
        name: turn.scope().whole(part[name], f"{where}/{name}", least=1, most=limit)
        for name, limit in most.items()
        if name in part
    }
