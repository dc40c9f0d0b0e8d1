"""How deep, how long and how large an evaluation may be."""

from typing import Any

from embedded.stepfunctions.language.query.messages import LimitExceeded

# AWS's, as measured there: nested evaluations, and elements of one array or characters of one text.
MAX_DEPTH = 100
MAX_BYTES = 6_990_256
BYTES_OF_ELEMENT = 8
# AWS does not say how long an expression may run.
MAX_SECONDS = 5.0
# Where jsonata counts no nesting (items of one array), Python's stack still has an end.
MAX_NESTING = 4 * MAX_DEPTH
STEPS_BETWEEN_CLOCKS = 512

TOO_DEEP = (
    "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive"
)
TOO_LONG = "Expression evaluation timeout: Check for infinite loop"
TOO_LARGE = "Expression evaluation memory limit exceeded: Check for excessive memory usage"


def check_size(result: Any) -> None:
    """Refuse a text or an array that is larger than AWS lets one be; what is in it counts for itself."""
    if isinstance(result, str):
        if len(result) > MAX_BYTES:
            raise LimitExceeded(TOO_LARGE)
    elif isinstance(result, list) and len(result) * BYTES_OF_ELEMENT > MAX_BYTES:
        raise LimitExceeded(TOO_LARGE)
