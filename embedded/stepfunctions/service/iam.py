"""On which ARNs Step Functions' operations act, as IAM is asked about them.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from embedded.stepfunctions.service import arns

Params = Mapping[str, Any]
Finder = Callable[[arns.Place, Params], str | None]


def resources_of(place: arns.Place, operation: str, params: Params) -> Sequence[str]:
    """The ARNs; none for operations that have no resource-level permissions."""
    found = _FINDERS[operation](place, params) if operation in _FINDERS else None
    return [found] if found else []


def _machine(_: arns.Place, params: Params) -> str | None:
    """Policies name the machine, also where a version or an alias is meant."""
    for member in ("stateMachineArn", "stateMachineVersionArn", "stateMachineAliasArn"):
        if params.get(member):
            return ":".join(str(params[member]).split(":")[:7])
    return None


def _named(kind: str) -> Finder:
    return lambda place, params: arns.make(place, kind, str(params.get("name", "*")))


def _member(*names: str) -> Finder:
    return lambda _, params: next((str(params[name]) for name in names if params.get(name)), None)


def _routed(place: arns.Place, params: Params) -> str | None:
    routes = params.get("routingConfiguration") or [{}]
    return _machine(place, routes[0] if isinstance(routes, list) and isinstance(routes[0], dict) else {})


def _listed(place: arns.Place, params: Params) -> str | None:
    return _machine(place, params) or _member("mapRunArn")(place, params)


_EXECUTION = _member("executionArn")
_ACTIVITY = _member("activityArn")
_FINDERS: Mapping[str, Finder] = {
    "CreateStateMachine": _named("stateMachine"),
    "CreateActivity": _named("activity"),
    "CreateStateMachineAlias": _routed,
    "ListExecutions": _listed,
    **dict.fromkeys(
        (
            "DescribeStateMachine",
            "UpdateStateMachine",
            "DeleteStateMachine",
            "PublishStateMachineVersion",
            "ListStateMachineVersions",
            "DeleteStateMachineVersion",
            "UpdateStateMachineAlias",
            "DescribeStateMachineAlias",
            "ListStateMachineAliases",
            "DeleteStateMachineAlias",
            "StartExecution",
            "StartSyncExecution",
        ),
        _machine,
    ),
    **dict.fromkeys(
        (
            "DescribeExecution",
            "DescribeStateMachineForExecution",
            "GetExecutionHistory",
            "ListMapRuns",
            "RedriveExecution",
            "StopExecution",
        ),
        _EXECUTION,
    ),
    **dict.fromkeys(("DescribeMapRun", "UpdateMapRun"), _member("mapRunArn")),
    **dict.fromkeys(("DescribeActivity", "DeleteActivity", "GetActivityTask"), _ACTIVITY),
    **dict.fromkeys(("TagResource", "UntagResource", "ListTagsForResource"), _member("resourceArn")),
}
