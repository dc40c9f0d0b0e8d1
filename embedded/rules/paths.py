"""The JSON paths of `InputPath` and `InputPathsMap`: names and positions, from `$`.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

import re
from typing import Any

_STEP = re.compile(r"\.([^.\[\]\s*]+)|\[(\d+)\]|\[(\*)\]|\[['\"]([^'\"]+)['\"]\]")

Step = str | int
ALL = "*"


class InvalidPath(ValueError):
    """A path that cannot be followed."""


class Missing(LookupError):
    """A path that leads nowhere in an event."""


def parse(text: str) -> tuple[Step, ...]:
    """The steps of a path; InvalidPath where it is none."""
    if not text.startswith("$"):
        raise InvalidPath(f"{text!r} does not start with $")
    steps: list[Step] = []
    at = 1
    while at < len(text):
        found = _STEP.match(text, at)
        if not found:
            raise InvalidPath(f"{text!r} cannot be read at position {at}")
        name, position, everything, quoted = found.groups()
        steps.append(int(position) if position else everything or name or quoted)
        at = found.end()
    return tuple(steps)


def follow(text: str, event: Any) -> Any:
    """What a path leads to; raises Missing."""
    return _follow(parse(text), event)


def _follow(steps: tuple[Step, ...], value: Any) -> Any:
    if not steps:
        return value
    first, rest = steps[0], steps[1:]
    if first == ALL and isinstance(value, list):
        return [_follow(rest, each) for each in value]
    try:
        found = value[first]
    except (KeyError, IndexError, TypeError) as error:
        raise Missing(first) from error
    return _follow(rest, found)
