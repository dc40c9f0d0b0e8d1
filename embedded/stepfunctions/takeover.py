"""MiniStack's own Step Functions is not called any more: what starts executions in there starts ours.

MiniStack's pipes and the targets of its rules call its module, as nobody; on AWS they start executions under
the role of the pipe or the rule: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-permissions.html
"""

import inspect
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from embedded.api_error import ApiError
from embedded.authority import AccessDenied
from embedded.stepfunctions.service.service import StepFunctions

logger = logging.getLogger(__name__)


_KEPT = frozenset({"get_state", "load_persisted_state", "reset"})


class Checking(Protocol):
    """What of the cloud is asked."""

    def check(self, role_arn: str, action: str, resource: str) -> None:
        """Raise AccessDenied unless a role may do something."""


def install(cloud: Checking, states: StepFunctions) -> None:
    """Lead MiniStack's callers to our service."""
    from ministack.services import eventbridge, pipes, stepfunctions
    from ministack.services.cloudformation import drift

    def start_from_records(arn: str, pipe: Mapping[str, Any], records: list[Any]) -> bool:
        return _start(cloud, states, arn, str(pipe.get("RoleArn", "")), json.dumps(records))

    def dispatch(arn: str, _payload: str) -> None:
        raise NotImplementedError(f"{arn} is delivered to over the wire, under the rule's role")

    def read(physical_id: str, _properties: Any) -> dict[str, Any] | None:
        return {} if states.catalog.machines.find(physical_id) else None

    silence(stepfunctions)
    pipes._start_state_machine_from_records = start_from_records
    eventbridge._dispatch_to_stepfunctions = dispatch
    drift._DRIFT_READERS["AWS::StepFunctions::StateMachine"] = (read, frozenset())


def silence(module: Any) -> None:
    """Let every function of MiniStack's module raise, but those that save and restore its state."""
    own = [
        name
        for name, found in vars(module).items()
        if inspect.isfunction(found) and found.__module__ == module.__name__ and name not in _KEPT
    ]
    for name in own:
        setattr(module, name, _raising(name))


def _raising(name: str) -> Callable[..., Any]:
    def called(*_: Any, **__: Any) -> Any:
        raise RuntimeError(f"MiniStack's own Step Functions was called: {name}")

    return called


def _start(cloud: Checking, states: StepFunctions, arn: str, role_arn: str, given: str) -> bool:
    try:
        cloud.check(role_arn, "states:StartExecution", arn)
        states.perform("StartExecution", {"stateMachineArn": arn, "input": given})
    except (AccessDenied, ApiError, IndexError) as error:
        logger.warning("A pipe could not start %s: %s", arn, error)
        return False
    return True
