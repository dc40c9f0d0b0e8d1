"""ValidateStateMachineDefinition.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from embedded.stepfunctions.language.definition import Diagnostic, InvalidDefinition, check, load
from embedded.stepfunctions.service import errors
from embedded.stepfunctions.service.resources import check_resources

Params = dict[str, Any]
_MOST = 100


@dataclass(frozen=True)
class Validation:
    """The operation."""

    serves: Callable[[str], bool]

    def validate(self, params: Params) -> Params:
        """Errors, and warnings where these are asked for; OK where there is no error."""
        if params.get("type") == "EXPRESS":
            raise errors.not_supported("The type EXPRESS")
        most = int(params.get("maxResults") or _MOST)
        if most > _MOST:
            raise errors.constraint(most, "maxResults", f"have value less than or equal to {_MOST}")
        found = self._diagnostics(params["definition"])
        failed = any(each.severity == "ERROR" for each in found)
        if params.get("severity", "ERROR") == "ERROR":
            found = [each for each in found if each.severity == "ERROR"]
        return {
            "result": "FAIL" if failed else "OK",
            "diagnostics": [_written(each) for each in found[:most]],
            "truncated": len(found) > most,
        }

    def _diagnostics(self, text: str) -> list[Diagnostic]:
        try:
            definition = load(text)
        except InvalidDefinition as refused:
            return list(refused.diagnostics)
        found = list(check(definition))
        if any(each.severity == "ERROR" for each in found):
            return found
        try:
            check_resources(definition, self.serves)
        except InvalidDefinition as refused:
            found += refused.diagnostics
        return found


def _written(found: Diagnostic) -> Params:
    written = {"severity": found.severity, "code": found.code, "message": found.message}
    return written | ({"location": found.location} if found.location else {})
