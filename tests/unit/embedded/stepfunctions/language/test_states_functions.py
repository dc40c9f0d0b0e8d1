"""The functions that Step Functions adds, and where AWS deviates from the reference (measured there)."""

from typing import Any

import pytest

from embedded.stepfunctions.language.expressions import UNDEFINED, ExpressionError, evaluate

VALUES: list[tuple[str, Any]] = [
    ("$partition([1,2,3,4,5], 2)", [[1, 2], [3, 4], [5]]),
    ("$partition([1,2,3], 2.9)", [[1, 2], [3]]),
    ("$partition([1,2])", [[1, 2]]),
    ("$partition([], 2)", UNDEFINED),
    ("$partition([1], 0)", UNDEFINED),
    ("$partition($missing, 2)", UNDEFINED),
    ("$range(1, 8, 2)", [1, 3, 5, 7]),
    ("$range(10, 0, -5)", [10, 5, 0]),
    ("$range(-1.7, 2, 1)", [-1, 0, 1, 2]),
    ("$range(3, 3, 1)", 3),
    ("$range(5, 1, 1)", UNDEFINED),
    ("$range(1, 5, 0)", UNDEFINED),
    ("$range(1, 5)", UNDEFINED),
    ("$hash('Hello', 'MD5')", "8b1a9953c4611296a827abf8c47804d7"),
    ("$length($hash('x', 'SHA-512'))", 128),
    ("$hash('x')", UNDEFINED),
    ('$parse(\'{"b": 1.0, "a": [1e2, null]}\')', {"b": 1, "a": [100, None]}),
    ("$parse(\"{'a': 'it\\\\'s \\\"x\\\"'}\")", {"a": 'it\'s "x"'}),
    ("$parse('9223372036854775807')", 9223372036854775807),
    ("$parse()", UNDEFINED),
    ("$exists($parse('null'))", True),
    ("$random(42)", 0.7275636800328681),
    ("$random(0)", 0.730967787376657),
    ("$random(7.9)", 0.7306990420600421),
    ("$base64decode('YWJ')", "ab"),
    ("$decodeUrlComponent('a+b%20c')", "a b c"),
    ("$decodeUrl('a+b%2Fc%20d')", "a+b%2Fc d"),
    ("$string(9223372036854775808)", "9223372036854776000"),
]
CODES = [
    ("$partition([1], -1)", "D3137", "Second argument must be zero or greater"),
    ("$partition('a', 1)", "T0412", 'Argument 1 of function "partition" must be an array of undefined'),
    ("$partition([1], 'a')", "T0410", 'Argument 2 of function "partition" does not match function signature'),
    (
        "$partition([1], 1, 1)",
        "T0410",
        'Argument 3 of function "partition" does not match function signature',
    ),
    ("$range('0', 4, 1)", "T0410", 'Argument 1 of function "range" does not match function signature'),
    ("$range(0)", "T0410", 'Argument 2 of function "range" does not match function signature'),
    ("$hash(1, 'MD5')", "T0410", 'Argument 1 of function "hash" does not match function signature'),
    ("$hash('a', 1)", "T0410", 'Argument 2 of function "hash" does not match function signature'),
    (
        "$hash('a', 'md5')",
        "D3137",
        "Hash algorithm 'md5' must be one of SHA-1, SHA-384, SHA-256, SHA-512, MD5",
    ),
    ("$hash('a', $x)", "D3137", "Hash algorithm 'null' must be one of SHA-1, SHA-384, SHA-256, SHA-512, MD5"),
    ("$parse(null)", "T0410", 'Argument 1 of function "parse" does not match function signature'),
    ("$parse('')", "D3137", "Invalid JSON"),
    ("$parse('1 2')", "D3137", "Invalid JSON"),
    ("$parse('NaN')", "D3137", "Invalid JSON"),
    ("$parse('1e400')", "D3137", "Invalid JSON"),
    ('$parse(\'{"a":1,"a":2}\')', "D3137", "Invalid JSON"),
    ("$random('x')", "T0410", 'Argument 1 of function "random" does not match function signature'),
    ("$random(1, 2)", "T0410", 'Argument 2 of function "random" does not match function signature'),
    ("$uuid(1)", "T0410", 'Argument 1 of function "uuid" does not match function signature'),
    ("$eval('1')", "T1006", "Attempted to invoke a non-function"),
    ("$decodeUrlComponent('%zz')", "D3140", 'Malformed URL passed to $decodeUrlComponent(): "%zz"'),
    ("$base64decode('!!!')", None, "The text is not base 64"),
]


@pytest.mark.parametrize(("expression", "expected"), VALUES)
def test_a_function_gives_what_aws_gives(expression: str, expected: Any) -> None:
    """Rounding towards zero, and nothing at the edges."""
    found = evaluate(f"{{% {expression} %}}", {})
    assert found is UNDEFINED if expected is UNDEFINED else found == expected


@pytest.mark.parametrize(("expression", "code", "message"), CODES)
def test_a_function_fails_as_on_aws(expression: str, code: str | None, message: str) -> None:
    """With JSONata's codes, and the number of the first argument that does not fit."""
    with pytest.raises(ExpressionError) as caught:
        evaluate(f"{{% {expression} %}}", {})
    assert (caught.value.code, caught.value.message) == (code, message)
