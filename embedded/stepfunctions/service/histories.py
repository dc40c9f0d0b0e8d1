"""GetExecutionHistory: the events of an execution, a page at a time, up or down."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from embedded.stepfunctions import history
from embedded.stepfunctions.model import Event
from embedded.stepfunctions.service import errors, names
from embedded.stepfunctions.service.executions import Executions
from embedded.stepfunctions.store import Store

Params = dict[str, Any]

# What of an event's details is execution data.
_DATA = frozenset(
    {"input", "inputDetails", "output", "outputDetails", "parameters"}
    | {"assignedVariables", "assignedVariablesDetails"}
)


@dataclass(frozen=True)
class Histories:
    """The operation."""

    executions: Executions
    store: Store

    def get(self, params: Params) -> Params:
        """GetExecutionHistory."""
        execution = self.executions.find(params["executionArn"])
        size, down = names.page_size(params), bool(params.get("reverseOrder"))
        first = names.read_token(params.get("nextToken"))
        if first is None:
            first = execution.last_event if down else 1
        if not isinstance(first, int):
            raise errors.invalid_token()
        found = self.store.events(execution.arn, first=first, limit=size + 1, reverse=down)
        following = {"nextToken": names.token_for(found[size]["id"])} if len(found) > size else {}
        whole = params.get("includeExecutionData", True)
        return {"events": [each if whole else without_data(each) for each in found[:size]], **following}


def without_data(event: Event) -> Event:
    """An event without inputs, outputs, parameters and variables."""
    key = history.details_key(event["type"])
    details: Mapping[str, Any] | None = event.get(key)
    if details is None:
        return event
    return {**event, key: {name: value for name, value in details.items() if name not in _DATA}}
