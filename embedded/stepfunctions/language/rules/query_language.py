"""JSONata everywhere: JSONPath is refused by name and place."""

from collections.abc import Iterator

from embedded.stepfunctions.language.diagnostics import SCHEMA, Diagnostic, error
from embedded.stepfunctions.language.fields import STATE_TYPES
from embedded.stepfunctions.language.rules.walk import Part, parts, strings

_NOT_HERE = "JSONPath is not executed here: set 'QueryLanguage' to 'JSONata'"
# What has the same meaning in both languages, without an expression in it.
_NEUTRAL = frozenset(
    [
        *("Type", "Comment", "Next", "End", "Error", "Cause", "Seconds", "Timestamp", "Branches"),
        *("Resource", "Retry", "Catch", "TimeoutSeconds", "HeartbeatSeconds"),
        *("ItemProcessor", "MaxConcurrency", "Label", "ToleratedFailureCount", "ToleratedFailurePercentage"),
    ]
)
_INNER = frozenset(["Branches", "ItemProcessor"])
_NEUTRAL_CATCHER = frozenset(["ErrorEquals", "Next", "Comment"])


def check_query_language(part: Part) -> Iterator[Diagnostic]:
    """Whether a machine or a state is evaluated by JSONata; a state inherits from the machine alone."""
    machine = part.scopes[0].value.get("QueryLanguage")
    own = part.value.get("QueryLanguage")
    if part.group == "machine" and own in (None, "JSONPath"):
        yield from _check_states(part, own)
    if part.group in STATE_TYPES and own == "JSONPath":
        message = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
        yield error(SCHEMA, message if machine == "JSONata" else _NOT_HERE, part.location)


def _check_states(machine: Part, own: str | None) -> Iterator[Diagnostic]:
    """A machine of JSONPath can be run where its states say JSONata, or nothing that differs."""
    states = [part for part in parts(machine.value) if part.group in STATE_TYPES]
    if any(state.value.get("QueryLanguage") == "JSONata" for state in states):
        for state in states:
            if "QueryLanguage" not in state.value and not _is_neutral(state):
                yield error(
                    SCHEMA, f"The state's QueryLanguage is the machine's. {_NOT_HERE}", state.location
                )
    elif own is None:
        yield error(SCHEMA, f"The QueryLanguage is 'JSONPath' where none is given. {_NOT_HERE}", "/")
    else:
        yield error(SCHEMA, _NOT_HERE, "/QueryLanguage")


def _is_neutral(state: Part) -> bool:
    value = {name: held for name, held in state.value.items() if name not in _INNER}
    catchers = value.get("Catch", ())
    return (
        state.group != "Choice"
        and value.keys() <= _NEUTRAL
        and not any(text.startswith("{%") for text, _ in strings(value, ""))
        and isinstance(catchers, list | tuple)
        and all(isinstance(one, dict) and one.keys() <= _NEUTRAL_CATCHER for one in catchers)
    )
