"""Files that are none of the language: the command refuses each by its name, at once, and never breaks."""

import json
from pathlib import Path
from typing import Any

import pytest

from embedded.stepfunctions.__main__ import main
from embedded.stepfunctions.language.expressions import ExpressionError, evaluate

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:work"


def definition(**state: Any) -> str:
    """A machine of one state."""
    return json.dumps({"QueryLanguage": "JSONata", "StartAt": "S", "States": {"S": state | {"End": True}}})


def test_an_input_that_is_no_json_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also what Python's reader takes, or breaks at: NaN, infinities, half characters, any depth."""
    given, machine = tmp_path / "given.json", tmp_path / "machine.json"
    machine.write_text(definition(Type="Pass"))
    for text in (
        b"",
        b"nope",
        b"[NaN]",
        b"-Infinity",
        b"1e400",
        b'"\\ud800"',
        b'"\xe9"',
        b"[" * 10_000 + b"]" * 10_000,
    ):
        given.write_bytes(text)
        assert main(["run", str(machine), "--input", str(given)]) == 2
        assert str(given) in capsys.readouterr().err


@pytest.mark.parametrize(
    "mock",
    [
        "[]",
        "{",
        '{"S": {"return": 1}}',
        '{"S": [{"error": null}]}',
        '{"S": [{"return": NaN}]}',
        '{"S": [{"return": 1, "after": 1e999}]}',
    ],
)
def test_a_mock_file_of_another_shape_is_refused(mock: str, tmp_path: Path) -> None:
    """An answer has a result or an error, and a time that comes."""
    machine, answers = tmp_path / "machine.json", tmp_path / "mock.json"
    machine.write_text(definition(Type="Task", Resource=FUNCTION))
    answers.write_text(mock)
    assert main(["run", str(machine), "--mock", str(answers)]) == 2


BOMB = "a0: &a0 [x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)


@pytest.mark.parametrize("text", [BOMB, "a: " + "[" * 20_000, "\ufeff: ["])
def test_yaml_that_would_take_for_ever_is_refused(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Aliases count for all that they stand for, and brackets have an end."""
    machine = tmp_path / "machine.yaml"
    machine.write_text(text, encoding="utf-8")
    assert main(["run", str(machine)]) == 2
    assert "INVALID_JSON_DESCRIPTION" in capsys.readouterr().out


def test_a_template_deeper_than_can_be_evaluated_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is refused when it is read, not when it is reached."""
    machine = tmp_path / "machine.json"
    machine.write_text(definition(Type="Pass", Output=0).replace("0", "[" * 3000 + "]" * 3000))
    assert main(["run", str(machine)]) == 2
    assert "nested too deeply" in capsys.readouterr().out


@pytest.mark.parametrize("picture", ["[Y,1000000000]", "[Y0001,999999999-999999999]"])
def test_a_date_is_never_padded_beyond_measure(picture: str) -> None:
    """A width of gigabytes is an error of the expression."""
    with pytest.raises(ExpressionError, match="memory limit"):
        evaluate(f"{{% $fromMillis(0, '{picture}') %}}", {})


@pytest.mark.parametrize(
    "items", ["[1..300000]", "$map([1..100000], $string)", "$append([1..100000], [1..100000])"]
)
def test_many_plain_values_are_told_apart_at_once(items: str) -> None:
    """`$distinct` looks numbers and texts up; it compares each pair of other values only."""
    assert evaluate(f"{{% $count($distinct({items})) >= 100000 %}}", {}) is True
    assert evaluate("{% $distinct([1, '1', 1.0, true, [1], [1], null, null]) %}", {}) == [
        1,
        "1",
        True,
        [1],
        None,
    ]
