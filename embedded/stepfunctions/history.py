"""The events of a history: their names and the shape of their details.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from embedded.stepfunctions.documents import dumps
from embedded.stepfunctions.model import Event

MOST_EVENTS = 25_000

# Events of a kind share one member for their details.
_SHARED = {"StateEntered": "stateEnteredEventDetails", "StateExited": "stateExitedEventDetails"}


def event(number: int, previous: int, kind: str, at: float, details: Mapping[str, Any] | None) -> Event:
    """One event; without `details` it has no member for them."""
    made: Event = {"timestamp": at, "type": kind, "id": number, "previousEventId": previous}
    if details is not None:
        made[details_key(kind)] = dict(details)
    return made


def details_key(kind: str) -> str:
    """The member that holds the details of a type of event."""
    for ending, shared in _SHARED.items():
        if kind.endswith(ending):
            return shared
    return f"{kind[0].lower()}{kind[1:]}EventDetails"


def text(name: str, value: str) -> dict[str, Any]:
    """An `input` or `output` with what says that it is whole."""
    return {name: value, f"{name}Details": {"truncated": False}}


def document(name: str, value: object) -> dict[str, Any]:
    """A value as an `input` or `output`."""
    return text(name, dumps(value))


def failure(error: str | None, cause: str | None) -> dict[str, Any]:
    """Error and cause, each only if there is one."""
    found = {"error": error, "cause": cause}
    return {key: value for key, value in found.items() if value is not None}


def assigned(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables that a state assigned, each as JSON."""
    if not variables:
        return {}
    texts = {name: dumps(value) for name, value in variables.items()}
    return {"assignedVariables": texts, "assignedVariablesDetails": {"truncated": False}}


def timestamp(seconds: float) -> str:
    """A time as the context object writes it: UTC, to the millisecond."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
