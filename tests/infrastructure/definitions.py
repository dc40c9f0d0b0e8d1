"""State machines as they are deployed: their placeholders filled, and all their states."""

import json
import re
from collections.abc import Iterator
from typing import Any

from cdk_app.state_machines import load_definition

State = dict[str, Any]


def filled(name: str, *, but: str = "") -> State:
    """A machine's definition with a value for each placeholder but one; some stand for numbers."""

    def value(match: re.Match[str]) -> str:
        return match.group() if match[1] == but else "60"

    text = json.dumps(load_definition(name))
    definition: State = json.loads(re.sub(r"\$\{([A-Za-z0-9]+)\}", value, text))
    return definition


def every_state(definition: State) -> Iterator[tuple[str, State]]:
    """Each state with its name, those of nested processors included."""
    for name, state in definition["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from every_state(state["ItemProcessor"])
