"""Definitions are JSON, or YAML that says only what JSON can say."""

import pytest

from embedded.stepfunctions.language.diagnostics import InvalidDefinition
from embedded.stepfunctions.language.loading import MAX_BYTES, load


def refusal(text: str, *, allow_yaml: bool = False) -> str:
    """Why a text is refused."""
    with pytest.raises(InvalidDefinition) as caught:
        load(text, source="machine.yaml", allow_yaml=allow_yaml)
    return str(caught.value)


def test_json_is_read() -> None:
    """In the order in which it is written."""
    assert list(load('{"b": 1, "a": {"x": [null, true, 1.5, "é"]}}')) == ["b", "a"]


def test_yaml_is_read_where_it_is_allowed() -> None:
    """With anchors and merges, which leave no trace; dates stay the texts that they are written as."""
    text = "a: &all {x: 1, y: 2}\nb:\n  <<: *all\n  y: 3\nwhen: 2016-03-14T01:59:00Z\nday: 2016-03-14\n"
    assert load(text, allow_yaml=True) == {
        "a": {"x": 1, "y": 2},
        "b": {"x": 1, "y": 3},
        "when": "2016-03-14T01:59:00Z",
        "day": "2016-03-14",
    }


def test_yaml_is_not_read_where_an_api_is_called() -> None:
    """The API takes JSON alone."""
    assert "INVALID_JSON_DESCRIPTION" in refusal("a: 1")


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', '{"x": {"a": 1, "a": 1}}'])
def test_a_repeated_key_is_refused(text: str) -> None:
    """JSON's reader would take the last one without a word."""
    assert "Duplicate field 'a'" in refusal(text)


@pytest.mark.parametrize("text", ["a: 1\na: 2", "x:\n  a: 1\n  b: 2\n  a: 3"])
def test_a_repeated_key_in_yaml_is_refused_with_its_line(text: str) -> None:
    """YAML's reader would, too."""
    assert f"Duplicate field 'a' in line {text.count(chr(10)) + 1}" in refusal(text, allow_yaml=True)


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object:os.system x",
        "a: .nan",
        "a: .inf",
        "1: x",
        "a: !!binary aGk=",
        "a: !!set {x}",
        "a: &r [*r]",
    ],
)
def test_what_json_cannot_say_is_refused(text: str) -> None:
    """Objects of Python, numbers that are none, keys that are no texts, values that contain themselves."""
    assert "INVALID_JSON_DESCRIPTION" in refusal(text, allow_yaml=True)


@pytest.mark.parametrize("text", ["{", '{"a": NaN}', "{'a': 1}", '{"a": 1} x', "[" * 100_000])
def test_what_is_no_json_is_refused(text: str) -> None:
    """Under AWS's code for it."""
    assert "INVALID_JSON_DESCRIPTION" in refusal(text)


@pytest.mark.parametrize("text", ["", "  ", "[]", "1", '"a"', "null"])
def test_what_is_no_object_is_refused(text: str) -> None:
    """In AWS's words."""
    assert "SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object" in refusal(text)


def test_more_than_a_megabyte_is_refused() -> None:
    """Counted in bytes, not in characters."""
    assert load('{"Comment": "' + "a" * (MAX_BYTES - 15) + '"}')
    assert "more than 1048576" in refusal('{"Comment": "' + "é" * (MAX_BYTES // 2) + '"}')
