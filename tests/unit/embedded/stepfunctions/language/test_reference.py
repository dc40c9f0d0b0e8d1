"""Expressions give what JSONata's reference implementation gives: values, codes and messages."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonata import Jsonata

from embedded.stepfunctions.language.expressions import UNDEFINED, ExpressionError, evaluate

REFERENCE = json.loads((Path(__file__).parent / "reference" / "answers.json").read_text(encoding="utf-8"))
DATA = REFERENCE["data"]

# One for each deviation of jsonata-python that is mended; it answers them otherwise, or not at all.
DEVIATIONS = [
    "$d.arr[-1.5]",
    "5.5 % 2",
    "1/0",
    "[1/0]",
    "1e308 * 10",
    "1 in true",
    '{"a":1} in [{"a":1}]',
    "$string(1e20)",
    '$string({"a": "é\\"\\n"})',
    '$lowercase("Straße")',
    '$replace("abc", /x*/, "y")',
    '$replace("abc", "", "x")',
    '/ab/("xabab")',
    '$split("a1b2c", /(\\d)/)',
    '$match("abc\\n", /c$/)',
    '$match("état", /\\w+/).match',
    '$number(" 1")',
    '$number("0b101")',
    "$power(10, 400)",
    '$formatNumber(34.555, "#0.00;(#0.00)")',
    '$formatNumber(1, "x")',
    '$parseInteger("abc", "0")',
    "$count(null)",
    '$sort([1,"a"])',
    '$distinct([1,"1",true])',
    "$sort([2,1], function($a,$b){null})",
    '$fromMillis(1510067557121, "[q]")',
    '$toMillis("2017-11-07T15:12")',
    "$map([1.234,5.678,9.876], $round)",
    '$contains("a", null)',
    "$lowercase(null)",
    "/* a */ $d.n /* b */",
    '"\\x"',
]


def answer(expression: str) -> dict[str, Any]:
    """What we make of an expression, in the form of the reference's answers."""
    try:
        value = evaluate(f"{{% {expression} %}}", {"d": DATA})
    except ExpressionError as error:
        return {"function": True} if error.unsupported else {"code": error.code, "message": error.message}
    return {"undefined": True} if value is UNDEFINED else {"value": value}


def library_answer(expression: str) -> dict[str, Any]:
    """What jsonata-python by itself makes of it."""
    try:
        value = Jsonata.jsonata(expression).evaluate(None, {"d": copy.deepcopy(DATA)})
    except Exception as error:
        return {"code": getattr(error, "error", None), "message": str(error)}
    return {"undefined": True} if value is None else {"value": value}


def given(expression: str) -> dict[str, Any]:
    """The reference's answer."""
    found = next(one for one in REFERENCE["answers"] if one["expression"] == expression)
    return {key: value for key, value in found.items() if key != "expression"}


@pytest.mark.parametrize("found", REFERENCE["answers"], ids=lambda found: found["expression"])
def test_an_expression_gives_what_the_reference_gives(found: dict[str, Any]) -> None:
    """Values with their types and the order of their keys; codes and messages of failures."""
    expected = {key: value for key, value in found.items() if key != "expression"}
    assert json.dumps(answer(found["expression"])) == json.dumps(_whole(expected))


@pytest.mark.parametrize("expression", DEVIATIONS)
def test_the_library_alone_gives_something_else(expression: str) -> None:
    """A mend that the library no longer needs can go."""
    assert library_answer(expression) != given(expression)
    assert answer(expression) == _whole(given(expression))


@pytest.mark.parametrize(
    ("expression", "meant"),
    [
        ('$toMillis("2:30 pm", "[h]:[m01] [P]")', {"hour": 14, "minute": 30}),
        ('$toMillis("1", "[D]")', {"day": 1, "hour": 0, "minute": 0}),
    ],
)
def test_what_a_time_does_not_say_is_todays(expression: str, meant: dict[str, int]) -> None:
    """So no recorded answer holds for longer than a day."""

    def told() -> dict[str, Any]:
        moment = datetime.now(UTC).replace(second=0, microsecond=0, **meant)  # type: ignore[arg-type]
        return {"value": int(moment.timestamp()) * 1000}

    before, found = told(), answer(expression)
    assert found in (before, told())  # midnight may come between


def test_no_expression_changes_the_data_that_it_reads() -> None:
    """Grouping, sorting and transforming work on copies."""
    before = copy.deepcopy(DATA)
    for found in REFERENCE["answers"]:
        answer(found["expression"])
    assert before == DATA


def _whole(value: Any) -> Any:
    """JavaScript knows one kind of number."""
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**63
    return int(value) if is_whole else value
