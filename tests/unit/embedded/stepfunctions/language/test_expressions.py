"""What surrounds the evaluation of an expression: its marks, its variables, its limits, its clock."""

import copy
import random
import threading
from typing import Any

import pytest

from embedded.stepfunctions.language.expressions import (
    UNDEFINED,
    ExpressionError,
    compile_expression,
    evaluate,
    expression_in,
    failure_cause,
    is_expression,
    undefined_cause,
)

STATES = {"input": {"a": {"b": 5, "none": None}, "list": [{"n": 1}, {"n": 2}], "one": [7], "empty": []}}


def value(expression: str, **variables: Any) -> Any:
    """An expression without its marks, under `$states` and other variables."""
    return evaluate(f"{{% {expression} %}}", {"states": STATES, **variables})


def failure(expression: str, **variables: Any) -> ExpressionError:
    """The failure of an expression."""
    with pytest.raises(ExpressionError) as caught:
        value(expression, **variables)
    return caught.value


@pytest.mark.parametrize("text", ["{% 1 %}", "{%1%}", "{%%}", "{% a\nb %}"])
def test_a_text_that_is_wholly_marked_is_an_expression(text: str) -> None:
    """It starts with `{%` and ends with `%}`."""
    assert is_expression(text)


@pytest.mark.parametrize(
    "text", [" {% 1 %}", "{% 1 %} ", "{% 1", "1 %}", "{%}", "x {% 1 %}", 1, None, ["{% 1 %}"]]
)
def test_anything_else_is_none(text: object) -> None:
    """Blanks outside make it a text like any other, as recorded on AWS."""
    assert not is_expression(text)


def test_nothing_and_null_are_two_things() -> None:
    """A missing field is undefined, JSON's null is a value."""
    assert value("$states.input.missing") is UNDEFINED
    assert value("$states.input.a.none") is None
    assert value("[$states.input.a.none, 1][0]") is None
    assert value("$exists($states.input.a.none)") is True
    assert value("$type($nothing)", nothing=None) == "null"


@pytest.mark.parametrize(
    "path",
    [
        *("$states", "$states.input.a.b", "$states.input.a.none", "$states.input.a.b.c", "$nothing.a"),
        *("$states.input.list", "$states.input.list.n", "$states.input.one", "$states.input.one.n"),
        "$states.input.empty",
    ],
)
def test_a_plain_path_gives_what_the_evaluator_gives(path: str) -> None:
    """Paths through objects take a short way; in parentheses they do not."""
    assert value(path) == value(f"({path})")


def test_a_word_of_the_language_is_no_field_on_the_short_way() -> None:
    """`true` is a value in a path, and refused there."""
    assert failure("$states.true").code == "S0213"


def test_results_share_nothing_with_the_variables() -> None:
    """Who changes a result changes nothing else."""
    before = copy.deepcopy(STATES)
    value("$states.input.list").append("more")
    value("{'a': $states.input.a}")["a"]["b"] = 6
    value("$states.input.empty{'k': 1}")
    assert before == STATES


@pytest.mark.parametrize("expression", ["$sum", "[function($x){$x}]", "{'a': $uppercase}", "/a/"])
def test_a_function_is_no_result(expression: str) -> None:
    """AWS: `returned an unsupported result type`."""
    error = failure(expression)
    assert failure_cause(f"{{% {expression} %}}", "Output", error).endswith(
        "specified for the field 'Output' returned an unsupported result type."
    )


def test_causes_are_worded_as_on_aws() -> None:
    """A code follows after a full stop, a limit after a colon."""
    text = "{%  1 + 'a' %}"
    cause = failure_cause(text, "Arguments/N[0]", failure("1 + 'a'"))
    assert cause == (
        "The JSONata expression '1 + 'a'' specified for the field 'Arguments/N[0]' "
        "threw an error during evaluation. "
        'T2002: The right side of the "+" operator must evaluate to a number'
    )
    assert undefined_cause(text, "Items") == (
        "The JSONata expression '1 + 'a'' specified for the field 'Items' returned nothing (undefined)."
    )
    assert "during evaluation: Expression" in failure_cause(text, "Items", failure("[1..900000] ~> $count()"))
    assert expression_in(text) == "1 + 'a'"


@pytest.mark.parametrize(("terms", "fits"), [(100, True), (101, False)])
def test_an_expression_nests_a_hundred_levels_deep(terms: int, *, fits: bool) -> None:
    """Measured on AWS: 1+1+…+1 of 100 terms is taken, of 101 it is not."""
    expression = "+".join(["1"] * terms)
    if fits:
        assert value(expression) == terms
    else:
        assert failure(expression).message.startswith("Stack overflow error")


@pytest.mark.parametrize(
    "expression",
    ["($f := function($x){1 + $f($x)}; $f(1))", "($f := function($x){[0, $f($x)]}; $f(1))",
     "($f := function($x){{'a': 0, 'b': $f($x)}}; $f(1))"],
)  # fmt: skip
def test_a_recursion_without_an_end_fails_alone(expression: str) -> None:
    """Also where jsonata counts no nesting; the process goes on."""
    assert failure(expression).message.startswith("Stack overflow error")
    assert value("1 + 1") == 2


def test_a_loop_without_an_end_fails_when_its_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A recursion in the last place takes no stack, so that only a clock ends it."""
    monkeypatch.setattr("embedded.stepfunctions.language.query.evaluator.MAX_SECONDS", 0.05)
    assert failure("($f := function($x){$f($x + 1)}; $f(1))").message.startswith(
        "Expression evaluation timeout"
    )


@pytest.mark.parametrize(
    "call", ["$match($text, {})", "$split($text, {})", "$replace($text, {}, '')", "{}($text)"]
)
def test_a_regular_expression_that_runs_away_fails_when_its_time_is_up(
    monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """It backtracks for ages without a step of the evaluator's; the process goes on."""
    monkeypatch.setattr("embedded.stepfunctions.language.query.evaluator.MAX_SECONDS", 0.05)
    found = failure(f"($text := '{'a' * 60}!'; {call.format('/^(a|aa)+$/')})")
    assert found.message == "Expression evaluation timeout: Check for infinite loop"
    assert value("$match('aab', /a+/).match") == "aa"


def test_braces_that_count_nothing_are_text_in_a_regular_expression() -> None:
    """To the engine below they would be a match that tolerates errors."""
    assert value("$match('b a{e} a{,2}', /a{e}/).index") == 2
    assert value("$contains('aa', /a{,2}/)") is False
    assert value("$match('aaa', /a{2}/).match") == "aa"


@pytest.mark.parametrize("expression", ["[1..873783]", "$pad('', 6990257)", "$range(1, 360146, 1)"])
def test_too_large_a_value_is_refused(expression: str) -> None:
    """6,990,256 bytes: 8 for an element, 1 for a character; `$range` has a limit of its own."""
    assert failure(expression).message.startswith("Expression evaluation memory limit exceeded")


def test_times_come_from_the_clock_that_is_given() -> None:
    """Virtual time: the same moment throughout an evaluation."""
    ticking = iter([1_700_000_000.25, 0.0])
    found = evaluate("{% [$millis(), $now(), $now('[Y]')] %}", {}, clock=lambda: next(ticking))
    assert found == [1_700_000_000_250, "2023-11-14T22:13:20.250Z", "2023"]


def test_chance_comes_from_the_source_that_is_given() -> None:
    """The same seed draws the same numbers, identifiers and orders."""
    draws = [
        evaluate("{% [$random(), $uuid(), $shuffle([1..9])] %}", {}, random=random.Random(4))
        for _ in range(2)
    ]
    assert draws[0] == draws[1]
    assert draws[0][1][14] == "4"


def test_a_variable_hides_the_function_of_its_name() -> None:
    """As on AWS."""
    assert failure("$count([1])", count=1).code == "T1006"


@pytest.mark.parametrize(
    ("expression", "code"), [("null ?? 1", "S0211"), ("0 ?: 2", "S0211"), ("1 +", "S0207")]
)
def test_what_is_no_jsonata_2_0_6_is_not_compiled(expression: str, code: str) -> None:
    """`??` and `?:` came later; AWS refuses them."""
    with pytest.raises(ExpressionError) as caught:
        compile_expression(expression)
    assert caught.value.code == code


def test_numbers_are_what_aws_makes_of_them() -> None:
    """Whole numbers of 64 bits stay exact, larger ones are doubles, 1.0 is 1."""
    numbers = {"exact": 9007199254740993, "large": 2**63, "whole": 1.0, "zero": -0.0}
    found = value("$n", n=numbers)
    assert found == {"exact": 9007199254740993, "large": 9.223372036854775807e18, "whole": 1, "zero": 0}
    assert [type(one) for one in found.values()] == [int, float, int, int]


def test_an_input_beyond_doubles_fails_the_expression() -> None:
    """It does not fail the engine."""
    assert failure("$n + 1", n=10**400).message
    assert failure("$n", n=10**400).message


def test_evaluations_in_several_threads_do_not_meet() -> None:
    """They share the compiled expression and nothing else."""
    found: dict[int, Any] = {}

    def run(number: int) -> None:
        expression = "$sum($map([1..200], function($v){$v * $n}))"
        found[number] = [value(expression, n=number) for _ in range(5)]

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: [20_100 * number] * 5 for number in range(6)}
