"""What is wrong with a definition, and where.

The codes are those of
https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["ERROR", "WARNING"]

INVALID_JSON = "INVALID_JSON_DESCRIPTION"
SCHEMA = "SCHEMA_VALIDATION_FAILED"
INVALID_RESOURCE = "INVALID_RESOURCE"
MISSING_END_STATE = "MISSING_END_STATE"
DUPLICATE_STATE_NAME = "DUPLICATE_STATE_NAME"
INVALID_STATE_NAME = "INVALID_STATE_NAME"
DUPLICATE_LABEL_NAME = "DUPLICATE_LABEL_NAME"
INVALID_LABEL_NAME = "INVALID_LABEL_NAME"
MISSING_TARGET = "MISSING_TRANSITION_TARGET"
TOO_DEEPLY_NESTED = "TOO_DEEPLY_NESTED"
# AWS gives these too, though that page does not list them.
INVALID_EXPRESSION = "INVALID_JSONATA_EXPRESSION"
UNSUPPORTED_EXPRESSION = "UNSUPPORTED_JSONATA_EXPRESSION"
DUPLICATE_VARIABLE = "DUPLICATE_VARIABLE_NAME"
UNDEFINED_VARIABLE = "POSSIBLY_UNDEFINED_VARIABLE"
# Ours alone: AWS takes `${Name}` for a text like any other.
UNFILLED_PLACEHOLDER = "UNFILLED_PLACEHOLDER"


@dataclass(frozen=True)
class Diagnostic:
    """One finding in a definition."""

    severity: Severity
    code: str
    message: str
    location: str | None = None
    """As AWS writes it, e.g. `/States/Foo/Catch[0]/Next`; None for the whole machine."""

    def __str__(self) -> str:
        return f"{self.code}: {self.message} at {self.location or 'null'}"


class InvalidDefinition(Exception):
    """A definition that cannot be run; the message is worded as CreateStateMachine's."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        reasons = ", ".join(map(str, self.diagnostics))
        super().__init__(f"Invalid State Machine Definition: '{reasons}'")


def error(code: str, message: str, location: str | None = None) -> Diagnostic:
    """A finding for which the definition is refused."""
    return Diagnostic("ERROR", code, message, location)


def warning(code: str, message: str, location: str | None = None) -> Diagnostic:
    """A finding that does not keep the definition from running."""
    return Diagnostic("WARNING", code, message, location)
