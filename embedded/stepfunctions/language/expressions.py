"""JSONata expressions as Step Functions evaluates them.

https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

import random as randomness
import time
from collections.abc import Callable, Mapping
from typing import Any, Final


class Undefined:
    """The type of UNDEFINED."""

    def __repr__(self) -> str:
        return "UNDEFINED"

    def __bool__(self) -> bool:
        return False


UNDEFINED: Final = Undefined()
"""What an expression gives that returns nothing; JSON's null is None."""


class ExpressionError(Exception):
    """An expression that cannot be compiled, or fails when it is evaluated."""

    def __init__(self, message: str, code: str | None = None) -> None:
        """`message` is JSONata's without its code, e.g. `The left side of the "+" operator must …`."""
        super().__init__(f"{code}: {message}" if code else message)
        self.message = message
        self.code = code


def is_expression(text: object) -> bool:
    """Whether a value of a definition is evaluated: `{% … %}`, without a blank before or after."""
    return isinstance(text, str) and text.startswith("{%") and text.endswith("%}") and len(text) >= 4


def expression_in(text: str) -> str:
    """What stands between `{%` and `%}`, as AWS's messages quote it."""
    return text[2:-2].strip()


def failure_cause(text: str, field: str, error: ExpressionError) -> str:
    """AWS's words for an expression that failed; `field` as in `Output/a[0]` or `Choices[1]/Condition`."""
    sentence = f"The JSONata expression '{expression_in(text)}' specified for the field '{field}'"
    return f"{sentence} threw an error during evaluation{'.' if error.code else ':'} {error}"


def undefined_cause(text: str, field: str) -> str:
    """AWS's words for an expression that returned nothing."""
    sentence = f"The JSONata expression '{expression_in(text)}' specified for the field '{field}'"
    return f"{sentence} returned nothing (undefined)."


def evaluate(
    text: str,
    bindings: Mapping[str, Any],
    *,
    clock: Callable[[], float] = time.time,
    random: randomness.Random | None = None,
) -> Any:
    """The value of `{% … %}` under variables (`{"states": {…}, "name": …}`), as plain JSON, or UNDEFINED.

    `clock` gives `$now` and `$millis` their time (seconds since 1970), `random` `$random` and `$uuid` theirs.
    Raises ExpressionError. The bindings are never changed.
    """
    raise NotImplementedError
