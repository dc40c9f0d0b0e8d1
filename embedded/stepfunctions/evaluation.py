"""The values of a state's fields: what stands there, with its `{% … %}` evaluated.

https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from embedded.stepfunctions.documents import dumps
from embedded.stepfunctions.failures import EvaluationFailure
from embedded.stepfunctions.language.expressions import (
    UNDEFINED,
    ExpressionError,
    evaluate,
    expression_in,
    failure_cause,
    is_expression,
    undefined_cause,
)

_TYPES: Mapping[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}


@dataclass(frozen=True)
class Scope:
    """What expressions of a state can see."""

    states: Mapping[str, Any]
    """`$states`."""
    variables: Mapping[str, Any]
    prefix: str
    """How causes begin: they name the state, and the event by which it was entered."""
    clock: Callable[[], float]
    randomness: random.Random

    def value(self, template: Any, location: str) -> Any:
        """A template with every expression in it evaluated; raises EvaluationFailure."""
        if isinstance(template, Mapping):
            return {key: self.value(one, f"{location}/{key}") for key, one in template.items()}
        if isinstance(template, list):
            return [self.value(one, f"{location}[{index}]") for index, one in enumerate(template)]
        return self._expression(template, location) if is_expression(template) else template

    def typed(self, template: Any, location: str, kind: str) -> Any:
        """As `value`, of one of JSON's types; literals were checked when the machine was created."""
        found = self.value(template, location)
        if _is(found, kind):
            return found
        raise self.refusal(
            f"The JSONata expression '{expression_in(template)}' specified for the field '{location}' "
            f"returned an unexpected result type. Expected '{kind}', but was '{type_name(found)}' for value: "
            f"{dumps(found)}",
            location,
        )

    def whole(self, template: Any, location: str, *, least: int, most: int) -> int:
        """As `value`, a whole number in a range."""
        found = self.typed(template, location, "number")
        if found != int(found):
            raise self.refusal(f"The {location} field cannot be parsed as an integer: {found}", location)
        if not least <= found <= most:
            raise self.refusal(f"{location} must be between {least} and {most} but was: {found}", location)
        return int(found)

    def refusal(self, sentence: str, location: str) -> EvaluationFailure:
        """The failure of a field, with the words that go before it."""
        return EvaluationFailure(self.prefix + sentence, location=location)

    def _expression(self, text: str, location: str) -> Any:
        bindings = {**self.variables, "states": self.states}
        try:
            found = evaluate(text, bindings, clock=self.clock, random=self.randomness)
        except ExpressionError as error:
            raise self.refusal(failure_cause(text, location, error), location) from error
        if found is UNDEFINED:
            raise self.refusal(undefined_cause(text, location), location)
        return found


def type_name(value: object) -> str:
    """The name of a JSON value's type."""
    return "null" if value is None else next(name for name in _TYPES if _is(value, name))


def _is(value: object, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
