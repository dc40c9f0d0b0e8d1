"""jsonata-python's evaluator, mended where it deviates from the reference, and with AWS's limits.

It deviates thus: division by zero and numbers out of range end in Python's errors; `%` drops fractions; `in`
takes true for 1; an empty array that is grouped is changed; null passes for a missing argument; a text that
is called ends in a line on the standard output. https://docs.jsonata.org/numeric-operators
"""

import math
import time
from collections.abc import Callable
from typing import Any

from jsonata.functions import Functions
from jsonata.jexception import JException
from jsonata.jsonata import Jsonata
from jsonata.parser import Parser
from jsonata.utils import Utils

from embedded.stepfunctions.language.query.arguments import validated
from embedded.stepfunctions.language.query.limits import (
    BYTES_OF_ELEMENT,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_NESTING,
    MAX_SECONDS,
    STEPS_BETWEEN_CLOCKS,
    TOO_DEEP,
    TOO_LARGE,
    TOO_LONG,
    check_size,
)
from embedded.stepfunctions.language.query.lists import merge_sorted
from embedded.stepfunctions.language.query.messages import LimitExceeded
from embedded.stepfunctions.language.query.numbers import double, whole
from embedded.stepfunctions.language.query.operators import ARITHMETIC, are_same, is_finite
from embedded.stepfunctions.language.query.regex import first_match
from embedded.stepfunctions.language.query.text import string
from embedded.stepfunctions.language.query.transforming import Transformer

Symbol = Any  # of jsonata's parser, which has no types
# It is only asked whether it is to print what it does.
_QUIET = Parser()


class Evaluation(Jsonata):  # type: ignore[misc]  # jsonata has no types
    """One evaluation of a compiled expression; not to be used twice, nor by two threads."""

    def __init__(self, ast: Symbol) -> None:
        # Not Jsonata's own, which compiles.
        self.ast = ast
        self.parser = _QUIET
        self.environment = None
        self.input = None
        self._depth = 0
        self._nesting = 0
        self._steps = 0
        self.end = time.monotonic() + MAX_SECONDS
        """When it is cut off, by the monotonic clock; matches of regular expressions ask for it."""

    def run(self, environment: Jsonata.Frame) -> Any:
        """The value of the expression, in jsonata's terms: None is undefined, NULL_VALUE is null."""
        self.environment = environment
        # $map and its like find the evaluator that they are to call functions with here.
        Jsonata.CURRENT.jsonata = self
        return self.eval(self.ast, None, environment)

    def eval(self, expr: Symbol, input: Any, environment: Jsonata.Frame) -> Any:  # noqa: A002
        """The value of a part of the expression."""
        counted = not environment.is_parallel_call
        self._enter(counted)
        self.environment = environment
        step = _STEPS.get(expr.type)
        result = step(self, expr, input, environment) if step else None
        for predicate in expr.predicate or ():
            result = self.evaluate_filter(predicate.expr, result, environment)
        if expr.type != "path" and expr.group is not None:
            result = self.evaluate_group_expression(expr.group, result, environment)
        self._nesting -= 1
        self._depth -= counted
        check_size(result)
        return _without_sequence(expr, result)

    def _enter(self, counted: bool) -> None:
        self._nesting += 1
        self._depth += counted
        self._steps += 1
        if self._depth > MAX_DEPTH or self._nesting > MAX_NESTING:
            raise LimitExceeded(TOO_DEEP)
        if self._steps % STEPS_BETWEEN_CLOCKS == 0 and time.monotonic() > self.end:
            raise LimitExceeded(TOO_LONG)

    def evaluate_path(self, expr: Symbol, input: Any, environment: Jsonata.Frame) -> Any:  # noqa: A002
        """A path; one that leads from a variable through objects only is followed at once."""
        names = _plain_names(expr)
        if names and self._depth < MAX_DEPTH:
            value = environment.lookup(names[0])
            for name in names[1:]:
                if not isinstance(value, dict):
                    return super().evaluate_path(expr, input, environment)
                value = value.get(name)
            if not isinstance(value, list):
                return value
        return super().evaluate_path(expr, input, environment)

    def evaluate_numeric_expression(self, lhs: Any, rhs: Any, op: str) -> Any:
        """`+ - * / %` on doubles, which may become infinite or no number at all."""
        if lhs is not None and not is_finite(lhs):
            raise JException("T2001", -1, op, lhs)
        if rhs is not None and not is_finite(rhs):
            raise JException("T2002", -1, op, rhs)
        if lhs is None or rhs is None:
            return None
        return whole(ARITHMETIC[op](double(lhs), double(rhs)))

    def evaluate_unary(self, expr: Symbol, input: Any, environment: Jsonata.Frame) -> Any:  # noqa: A002
        """`-` refuses what is no number, with the value in the message."""
        if str(expr.value) != "-":
            return super().evaluate_unary(expr, input, environment)
        value = self.eval(expr.expression, input, environment)
        if value is not None and not is_finite(value):
            raise JException("D1002", expr.position, value)
        return None if value is None else whole(-value)

    def evaluate_includes_expression(self, lhs: Any, rhs: Any) -> bool:
        """`in` compares as JavaScript's `===` does: true is not 1, and two objects are never the same."""
        if lhs is None or rhs is None:
            return False
        return any(are_same(lhs, item) for item in (rhs if isinstance(rhs, list) else [rhs]))

    def evaluate_range_expression(self, lhs: Any, rhs: Any) -> Any:
        """`[a..b]` as a list: jsonata's own lazy one has a wrong length."""
        found = super().evaluate_range_expression(lhs, rhs)
        if found is None:
            return None
        if (rhs - lhs + 1) * BYTES_OF_ELEMENT > MAX_BYTES:
            raise LimitExceeded(TOO_LARGE)
        return Utils.create_sequence_from_iter(range(lhs, rhs + 1))

    def evaluate_group_expression(self, expr: Symbol, input: Any, environment: Jsonata.Frame) -> Any:  # noqa: A002
        """Grouping; jsonata appends to an array that is empty, the caller's own data included."""
        if isinstance(input, list) and not input:
            input = Utils.create_sequence(None)  # noqa: A001
        return super().evaluate_group_expression(expr, input, environment)

    def evaluate_filter(self, predicate: Any, input: Any, environment: Jsonata.Frame) -> Any:  # noqa: A002
        """Predicates; jsonata rounds a negative index up."""
        if predicate.type == "number":
            return self._item(math.floor(predicate.value), input)
        return super().evaluate_filter(predicate, input, environment)

    def _item(self, index: int, input: Any) -> Any:  # noqa: A002
        found = Utils.create_sequence()
        items = input if isinstance(input, list) else [] if input is None else [input]
        if not -len(items) <= index < len(items):
            return found
        item = items[index]
        if isinstance(item, list):
            return item
        found.tuple_stream = isinstance(input, Utils.JList) and input.tuple_stream
        found.append(item)
        return found

    def evaluate_sort_expression(self, expr: Symbol, input: Any, environment: Jsonata.Frame) -> Any:  # noqa: A002
        """Order-by, with the reference's sort: it says which of two values it could not compare."""
        is_tuple_sort = isinstance(input, Utils.JList) and bool(input.tuple_stream)
        compare = Jsonata.ComparatorWrapper(self, expr, environment, is_tuple_sort).compare
        found = merge_sorted(list(input), lambda left, right: compare(left, right) > 0)
        result: Any = Utils.create_sequence_from_iter(found) if Utils.is_sequence(input) else found
        if is_tuple_sort:
            result.tuple_stream = True
        return result

    def evaluate_string_concat(self, lhs: Any, rhs: Any) -> str:
        """`&` writes values as `$string` does."""
        return (string(lhs) or "") + (string(rhs) or "")

    def evaluate_transform_expression(self, expr: Symbol, _input: Any, environment: Jsonata.Frame) -> Any:
        """A transform, as the function without a name that it is."""
        function = Jsonata.JFunction(Transformer(self, expr, environment), "<(oa):o>")
        function.signature.set_function_name(None)
        return function

    def partial_apply_native_function(self, native: Any, args: list[Any]) -> Symbol:
        """`$substring(?, 0, 2)` as a function of what is left open."""
        names = [f"$a{index}" for index in range(min(len(args), native.get_number_of_args()))]
        call = f"${native.function_name}({', '.join(names)})"
        return self.partial_apply_procedure(
            Parser().parse(f"function({', '.join(names)}) {{ {call} }}"), args
        )

    def validate_arguments(self, signature: Any, args: Any, context: Any) -> Any:
        """Arguments against the function's signature, null being no missing argument."""
        if Utils.is_function(signature) or Functions.is_lambda(signature):
            declared = getattr(signature, "signature", None)
            return validated(declared, args, context) if declared is not None else args
        return args

    def apply_inner(self, proc: Any, args: Any, input: Any, environment: Jsonata.Frame) -> Any:  # noqa: A002
        """Call a function; anything else is refused without a word on the standard output."""
        if not self.is_function_like(proc):
            raise JException("T1006", -1)
        if Functions.is_regex(proc):
            return _found(proc, args)
        return super().apply_inner(proc, args, input, environment)


def _plain_names(expr: Symbol) -> tuple[str, ...]:
    """The variable and the fields of a path that consists of nothing else; kept at the path, once found."""
    known: tuple[str, ...] | None = getattr(expr, "plain_names", None)
    if known is None:
        known = expr.plain_names = _names_of(expr)
    return known


def _names_of(expr: Symbol) -> tuple[str, ...]:
    first, *rest = expr.steps
    plain = first.type == "variable" and first.value != "" and all(step.type == "name" for step in rest)
    marks = ("stages", "predicate", "group", "tuple", "focus", "index", "ancestor", "keep_array")
    marked = any(getattr(step, mark) for step in expr.steps for mark in marks)
    if not plain or marked or expr.group is not None or expr.tuple or expr.keep_singleton_array:
        return ()
    return (str(first.value), *(str(step.value) for step in rest))


def _without_sequence(expr: Symbol, result: Any) -> Any:
    """A sequence of one is its element, an empty one is nothing."""
    if not Utils.is_sequence(result) or result.tuple_stream:
        return result
    if expr.keep_array:
        result.keep_singleton = True
    if not result:
        return None
    return result[0] if len(result) == 1 and not result.keep_singleton else result


def _found(pattern: Any, args: list[Any]) -> Any:
    found = [first_match(pattern, text) for text in args if isinstance(text, str)]
    return found[0] if len(found) == 1 else found


def _literal(self: Evaluation, expr: Symbol, _input: Any, _environment: Any) -> Any:
    return self.evaluate_literal(expr)


_STEPS: dict[str, Callable[[Evaluation, Symbol, Any, Any], Any]] = {
    "path": Evaluation.evaluate_path,
    "binary": Evaluation.evaluate_binary,
    "unary": Evaluation.evaluate_unary,
    "name": Evaluation.evaluate_name,
    "string": _literal,
    "number": _literal,
    "value": _literal,
    "wildcard": lambda self, expr, value, _environment: self.evaluate_wildcard(expr, value),
    "descendant": lambda self, expr, value, _environment: self.evaluate_descendants(expr, value),
    "parent": lambda _self, expr, _value, environment: environment.lookup(expr.slot.label),
    "condition": Evaluation.evaluate_condition,
    "block": Evaluation.evaluate_block,
    "bind": Evaluation.evaluate_bind_expression,
    "regex": lambda self, expr, _value, _environment: self.evaluate_regex(expr),
    "function": lambda self, expr, value, environment: self.evaluate_function(
        expr, value, environment, Utils.NONE
    ),
    "variable": Evaluation.evaluate_variable,
    "lambda": Evaluation.evaluate_lambda,
    "partial": Evaluation.evaluate_partial_application,
    "apply": Evaluation.evaluate_apply_expression,
    "transform": Evaluation.evaluate_transform_expression,
}
