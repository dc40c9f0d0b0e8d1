"""The transform operator `~> |place|update|`, on a copy that keeps JSON's null.

jsonata-python copies by way of JSON, whereby null becomes undefined. https://docs.jsonata.org/other-operators
"""

import math
from typing import Any

from jsonata.jexception import JException
from jsonata.jsonata import Jsonata
from jsonata.utils import Utils

from embedded.stepfunctions.language.query.numbers import rounded_text, whole


def copied(value: Any) -> Any:
    """`$clone`: a copy as by way of JSON, so fractions have 15 digits and functions are empty texts."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copied(item) for item in value]
    if isinstance(value, float) and math.isfinite(value):
        return whole(float(rounded_text(value)))
    if value is None or value is Utils.NULL_VALUE or isinstance(value, str | bool | int):
        return value
    return ""


class Transformer(Jsonata.JFunctionCallable):  # type: ignore[misc]  # jsonata has no types
    """The function that a transform expression is."""

    def __init__(self, evaluation: Jsonata, expr: Any, environment: Jsonata.Frame) -> None:
        self._evaluation = evaluation
        self._expr = expr
        self._environment = environment

    def call(self, _input: Any, args: list[Any]) -> Any:
        """A copy of the argument with every match updated, and without what is to be deleted."""
        if not args or args[0] is None:
            return None
        result = copied(args[0])
        matches = self._evaluation.eval(self._expr.pattern, result, self._environment)
        for match in matches if isinstance(matches, list) else [matches]:
            if match is not None:
                self._change(match)
        return result

    def _change(self, match: Any) -> None:
        update = self._evaluation.eval(self._expr.update, match, self._environment)
        if update is not None and not isinstance(update, dict):
            raise JException("T2011", self._expr.position, update)
        if update and not isinstance(match, dict):
            raise JException("Only an object can be transformed", -1)
        if update:
            match.update(update)
        if self._expr.delete is not None:
            self._delete(match)

    def _delete(self, match: Any) -> None:
        found = self._evaluation.eval(self._expr.delete, match, self._environment)
        names = found if isinstance(found, list) else [] if found is None else [found]
        if not all(isinstance(name, str) for name in names):
            raise JException("T2012", self._expr.position, found)
        for name in names if isinstance(match, dict) else ():
            match.pop(name, None)
