"""Reads `sluice.yaml`: every problem is told at once, each with its line."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from sluiceway.projects.contracts import SluiceConfig
from sluiceway.projects.problems import Problem, as_error
from sluiceway.projects.yaml_document import InvalidYaml, YamlDocument, dotted_path

SLUICE_YAML = "sluice.yaml"
_PLAIN_WORDS = {
    "extra_forbidden": "is not known here",
    "missing": "is missing",
}


def validate(text: str | bytes) -> SluiceConfig:
    """The configuration; raises `InvalidProject`, one line for each problem: `sluice.yaml:12: steps: …`."""
    try:
        return parse(YamlDocument(SLUICE_YAML, text.encode() if isinstance(text, str) else text))
    except InvalidYaml as error:
        raise as_error(error.problems) from error


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
        Problem(document.file, line, f"{'.'.join(map(str, place))}: {' or '.join(dict.fromkeys(messages))}")
        for (place, line), messages in by_place.items()
    ]


def _place_and_message(
    document: YamlDocument, detail: Mapping[str, Any]
) -> tuple[tuple[str | int, ...], str]:
    message = str(detail["msg"]).removeprefix("Value error, ")
    if detail["type"] in _PLAIN_WORDS:
        return detail["loc"], _PLAIN_WORDS[detail["type"]]
    named = dotted_path(message) if not detail["loc"] else ()
    if named:
        return named, message.removeprefix(".".join(map(str, named))).lstrip(": ")
    return document.locate(detail["loc"])[0], message
