"""Reads `sluice.yaml`: every problem is told at once, each with its line."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from sluiceway.contract import Contract
from sluiceway.names import NAME_PATTERN, NAME_RULE
from sluiceway.projects.contracts import Deploy, Evaluate, Gate, Model, Resources, SluiceConfig, Step
from sluiceway.projects.data_settings import DatasetSettings
from sluiceway.projects.preview import Preview
from sluiceway.projects.problems import Problem, as_error
from sluiceway.projects.query_settings import Query
from sluiceway.projects.schedule import Schedule
from sluiceway.projects.schedule_checks import past_schedules
from sluiceway.projects.yaml_document import InvalidYaml, YamlDocument, dotted_path

SLUICE_YAML = "sluice.yaml"
_PLAIN_WORDS = {
    "missing": "is missing",
    "string_type": "should be text",
    "int_type": "should be a whole number",
    "int_parsing": "should be a whole number",
    "float_type": "should be a number",
    "float_parsing": "should be a number",
    "int_from_float": "should be a whole number",
    "bool_type": "should be true or false",
    "bool_parsing": "should be true or false",
    "too_short": "should not be empty",
    "tuple_type": "should be a mapping, or a list of them",
    "list_type": "should be a list: [a, b], or lines that start with '- '",
    "dict_type": "should be a mapping: `key: value` lines, indented below it",
    "model_type": "should be a mapping: `key: value` lines, indented below it",
}
_IN_QUOTES = ": put it in quotes"
_PATTERNS = {
    "instance_type": "should be an instance type of SageMaker, such as ml.m5.large",
    "holdout": "should be STEP/PATH of a Parquet file that the step writes, such as prepare/holdout.parquet",
}
"""For a field whose text must match a pattern, by its name."""
_SECTIONS: dict[str, type[Contract]] = {
    "model": Model,
    "evaluate": Evaluate,
    "gate": Gate,
    "deploy": Deploy,
    "resources": Resources,
    "schedule": Schedule,
    "preview": Preview,
    "data": DatasetSettings,
    "query": Query,
}


def validate(text: str | bytes) -> SluiceConfig:
    """The configuration; raises `InvalidProject`, one line for each problem: `sluice.yaml:12: steps: …`."""
    try:
        document = YamlDocument(SLUICE_YAML, text.encode() if isinstance(text, str) else text)
        config = parse(document)
    except InvalidYaml as error:
        raise as_error(error.problems) from error
    past = list(past_schedules(config, document, now=datetime.now(UTC)))
    if past:
        raise as_error(past)
    return config


def parse(document: YamlDocument) -> SluiceConfig:
    """The configuration in a document; raises `InvalidYaml`."""
    try:
        return SluiceConfig.model_validate(document.value)
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise InvalidYaml(_problems(document, details)) from error


def _problems(document: YamlDocument, details: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """One problem for each place: what several types of a union complain of is joined by "or"."""
    by_place: dict[tuple[tuple[str | int, ...], int], list[str]] = {}
    for detail in details:
        place, message = _place_and_message(document, detail)
        by_place.setdefault((place, document.line(place)), []).append(message)
    return [
        Problem(document.file, line, f"{'.'.join(map(str, place))}: {_either(messages)}")
        for (place, line), messages in by_place.items()
    ]


def _either(messages: Sequence[str]) -> str:
    first, *others = dict.fromkeys(messages)
    if not others:
        return first
    return " or ".join(
        [first.removesuffix(_IN_QUOTES), *(each.removeprefix("should be ") for each in others)]
    )


def _place_and_message(
    document: YamlDocument, detail: Mapping[str, Any]
) -> tuple[tuple[str | int, ...], str]:
    message, place = _words(detail), _as_written(document, detail["loc"])
    if detail["type"] in ("missing", "extra_forbidden"):
        return place, message
    named = dotted_path(message) if not place else ()
    if named:
        return named, message.removeprefix(".".join(map(str, named))).lstrip(": ")
    return document.locate(place)[0], message


def _as_written(document: YamlDocument, place: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """A single schedule may be written without a list."""
    alone = place[:2] == ("schedule", 0) and isinstance(document.value.get("schedule"), dict)
    return ("schedule", *place[2:]) if alone else place


def _words(detail: Mapping[str, Any]) -> str:
    """What is wrong, in words for who wrote the file."""
    if detail["type"] == "extra_forbidden":
        return f"is not known here{_meant(detail['loc'])}"
    if detail["type"] == "string_pattern_mismatch" and detail["ctx"]["pattern"] == NAME_PATTERN:
        return f"{str(detail['input'])[:60]!r} is not a name: {NAME_RULE}"
    if detail["type"] == "string_type" and isinstance(detail["input"], bool | int | float | date):
        return f"should be text{_IN_QUOTES}"
    if detail["type"] == "string_pattern_mismatch" and detail["loc"][-1] in _PATTERNS:
        return _PATTERNS[detail["loc"][-1]]
    message = str(detail["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    return _PLAIN_WORDS.get(detail["type"], message)


def _meant(place: Sequence[str | int]) -> str:
    """The key that an unknown one was probably meant to be."""
    above = [str(part) for part in place[:-1]]
    section: type[Contract] = Step if above[:1] == ["steps"] else SluiceConfig
    for name in above[2:] if section is Step else above:
        section = _SECTIONS.get(name, section)
    near = get_close_matches(str(place[-1]), section.model_fields, n=1)
    return f": did you mean {near[0]!r}?" if near else f": there are {', '.join(section.model_fields)}"
