"""Loading `state_machines/*.asl.yaml`: YAML for people, JSON for AWS, placeholders checked in between."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

import yaml

from cdk_app.bundling.recipe import ROOT

FOLDER = ROOT / "state_machines"
_PLACEHOLDER = re.compile(r"\$\{([A-Za-z0-9]+)\}")


class PlaceholderMismatchError(Exception):
    """A definition and the app disagree on placeholders."""


def machine_names() -> list[str]:
    """Every state machine that has a definition."""
    return sorted(path.name.removesuffix(".asl.yaml") for path in FOLDER.glob("*.asl.yaml"))


def load_definition(name: str) -> dict[str, object]:
    """The definition of a machine as plain data, anchors resolved, its first comment as `Comment`."""
    path = FOLDER / f"{name}.asl.yaml"
    text = path.read_text()
    return {"Comment": _first_comment(text), **yaml.safe_load(text)}


def definition_json(name: str, *, supplied: Iterable[str]) -> str:
    """The definition as JSON; the app must supply exactly the placeholders that it uses."""
    text = json.dumps(load_definition(name))
    used, known = placeholders(text), set(supplied)
    if used != known:
        raise PlaceholderMismatchError(
            f"state_machines/{name}.asl.yaml and cdk_app/machines/{name}.py disagree: "
            f"not supplied: {sorted(used - known)}; supplied and not used: {sorted(known - used)}"
        )
    return text


def placeholders(text: str) -> set[str]:
    """Names of the `${…}` in a definition. JSONata's `${` grouping never holds a bare word."""
    return set(_PLACEHOLDER.findall(text))


def _first_comment(text: str) -> str:
    lines = iter(text.splitlines())
    comment = []
    for line in lines:
        if not line.startswith("#"):
            break
        comment.append(line.lstrip("# "))
    return " ".join(comment)


def definition_path(name: str) -> Path:
    """Where a machine's definition lives."""
    return FOLDER / f"{name}.asl.yaml"
