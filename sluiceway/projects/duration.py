"""Durations as people write them in `sluice.yaml`."""

import re
from typing import Annotated

from pydantic import BeforeValidator, StringConstraints

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _seconds(value: object) -> object:
    """Read `90`, `"90s"`, `"15m"`, `"2h"` or `"1d"` as seconds."""
    match = re.fullmatch(r"(\d{1,9})([smhd]?)", value, re.ASCII) if isinstance(value, str) else None
    if isinstance(value, str) and match is None:
        raise ValueError(f"{value[:60]!r} is no duration: write seconds, or one of 90s, 15m, 2h, 1d")
    return int(match[1]) * _UNITS[match[2] or "s"] if match else value


_Written = int | Annotated[str, StringConstraints(pattern=r"^\d+[smhd]$")]
Duration = Annotated[int, BeforeValidator(_seconds, json_schema_input_type=_Written)]
"""A whole number of seconds; in YAML also `90s`, `15m`, `2h`, `1d`."""
