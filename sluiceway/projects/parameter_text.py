"""Values of parameters, as text: in `sluice.yaml` a number or a truth value may be written as such."""

import math
from typing import Annotated, Any

from pydantic import BeforeValidator


def as_text(value: object) -> str:
    """As a command line shows it: 7, not 7.0; true, not True."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _written(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} is not a finite number")
    return as_text(value) if isinstance(value, bool | int | float) else value


ParameterText = Annotated[str, BeforeValidator(_written, json_schema_input_type=str | int | float | bool)]
"""`depth: 5` says the same as `depth: "5"`."""
