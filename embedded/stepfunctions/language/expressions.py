"""JSONata expressions as Step Functions evaluates them.

https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

import random as randomness
import re
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from jsonata.jexception import JException
from jsonata.jsonata import Jsonata
from jsonata.parser import Parser

from embedded.stepfunctions.language.query.evaluator import Evaluation
from embedded.stepfunctions.language.query.functions import Scope, Surroundings
from embedded.stepfunctions.language.query.messages import LimitExceeded, message
from embedded.stepfunctions.language.query.parsing import syntax_tree
from embedded.stepfunctions.language.query.results import NotJson, plain
from embedded.stepfunctions.language.query.states_functions import marked

_CODE = re.compile(r"[STDU]\d{4}")
# `$name.field.field`: read without an evaluator, as long as every step leads from an object to a field of it.
_PATH = re.compile(r"\$(\w+)((?:\.[A-Za-z_]\w*)*)", re.ASCII)
# Words that are no names of fields, or that are, depending on where they stand.
_WORDS = frozenset(["and", "or", "in", "true", "false", "null", "function"])


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

    def __init__(self, message: str, code: str | None = None, *, unsupported: bool = False) -> None:
        """`message` is JSONata's without its code, e.g. `The left side of the "+" operator must …`.

        `unsupported`: its result is nothing that JSON can say.
        """
        super().__init__(f"{code}: {message}" if code else message)
        self.message = message
        self.code = code
        self.unsupported = unsupported


def is_expression(text: object) -> bool:
    """Whether a value of a definition is evaluated: `{% … %}`, without a blank before or after."""
    return isinstance(text, str) and text.startswith("{%") and text.endswith("%}") and len(text) >= 4


def expression_in(text: str) -> str:
    """What stands between `{%` and `%}`, as AWS's messages quote it."""
    return text[2:-2].strip()


def failure_cause(text: str, field: str, error: ExpressionError) -> str:
    """AWS's words for an expression that failed; `field` as in `Output/a[0]` or `Choices[1]/Condition`."""
    sentence = f"The JSONata expression '{expression_in(text)}' specified for the field '{field}'"
    if error.unsupported:
        return f"{sentence} returned an unsupported result type."
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
    Raises ExpressionError. The bindings are never changed, nor is the result part of them.
    """
    expression = expression_in(text)
    try:
        found = _followed(expression, bindings)
        if found is not UNDEFINED:
            return found
        ast = compile_expression(expression)
        surroundings = Surroundings(int(clock() * 1000), random or randomness.SystemRandom())
        return _evaluated(ast, bindings, surroundings)
    except ExpressionError:
        raise
    except NotJson as problem:
        raise ExpressionError(str(problem), unsupported=True) from None
    except (LimitExceeded, RecursionError) as problem:
        raise ExpressionError(str(problem)) from None
    except JException as problem:
        raise _failure(problem) from None
    except Exception as problem:
        # What jsonata-python did not foresee fails the expression, not the engine.
        raise ExpressionError(f"{type(problem).__name__}: {problem}") from problem


@lru_cache(maxsize=4096)
def compile_expression(expression: str) -> Parser.Symbol:
    """The syntax tree of an expression without `{% %}`; ExpressionError where it is no JSONata 2.0.6."""
    try:
        return syntax_tree(expression)
    except JException as problem:
        raise _failure(problem) from None
    except RecursionError:
        raise ExpressionError("The expression is nested too deeply") from None


def _failure(problem: JException) -> ExpressionError:
    code = str(problem.error)
    return ExpressionError(message(problem), code if _CODE.fullmatch(code) else None)


def _evaluated(ast: Parser.Symbol, bindings: Mapping[str, Any], surroundings: Surroundings) -> Any:
    found = Evaluation(ast).run(_Variables(Scope(surroundings), bindings))
    return UNDEFINED if found is None else plain(found)


class _Variables(Jsonata.Frame):  # type: ignore[misc]  # jsonata has no types
    """The scope of the variables, each put into jsonata's terms when it is first asked for."""

    def __init__(self, functions: Scope, values: Mapping[str, Any]) -> None:
        super().__init__(functions)
        self._values = values

    def lookup(self, name: str) -> Any:
        if name in self._values and name not in self.bindings:
            self.bindings[name] = marked(self._values[name])
        return super().lookup(name)


def _followed(expression: str, bindings: Mapping[str, Any]) -> Any:
    """The value at a plain path; UNDEFINED where there is none or where arrays make it more than a path."""
    path = _PATH.fullmatch(expression)
    if path is None:
        return UNDEFINED
    names = path[2].split(".")[1:]
    value: Any = bindings.get(path[1], UNDEFINED)
    for name in names:
        if not isinstance(value, dict) or name in _WORDS:
            return UNDEFINED
        value = value.get(name, UNDEFINED)
    return value if value is UNDEFINED else plain(marked(value))
