"""JSONata everywhere: JSONPath is refused by name and place."""

from collections.abc import Iterator

from embedded.stepfunctions.language.diagnostics import SCHEMA, Diagnostic, error
from embedded.stepfunctions.language.fields import STATE_TYPES
from embedded.stepfunctions.language.rules.walk import Part

_NOT_HERE = "JSONPath is not executed here: set 'QueryLanguage' to 'JSONata'"


def check_query_language(part: Part) -> Iterator[Diagnostic]:
    """Whether a machine or a state is evaluated by JSONata; a state inherits from the machine alone."""
    machine = part.scopes[0].value.get("QueryLanguage")
    own = part.value.get("QueryLanguage")
    if part.group == "machine" and own is None:
        yield error(SCHEMA, f"The QueryLanguage is 'JSONPath' where none is given. {_NOT_HERE}", "/")
    if part.group == "machine" and own == "JSONPath":
        yield error(SCHEMA, _NOT_HERE, "/QueryLanguage")
    if part.group in STATE_TYPES and own == "JSONPath":
        message = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
        yield error(SCHEMA, message if machine == "JSONata" else _NOT_HERE, part.location)
