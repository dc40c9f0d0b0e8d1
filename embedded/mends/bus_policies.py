"""A bus's own policy counts when IAM is asked about the bus; MiniStack never reads it, nor takes a whole one.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-perms.html
"""

import json
from collections.abc import Mapping
from typing import Any


def install() -> None:
    """Store whole policies, and let the evaluator find them as it finds those of queues."""
    from ministack.core import iam_evaluator
    from ministack.services import eventbridge

    put = eventbridge._put_permission

    def put_permission(request: Mapping[str, Any]) -> Any:
        return _put_whole(request) if request.get("Policy") else put(request)

    eventbridge._put_permission = put_permission
    eventbridge.bus_policy_for_arn = policy_of
    iam_evaluator._RESOURCE_POLICY_LOOKUPS["events"] = ("eventbridge", "bus_policy_for_arn")


def policy_of(arn: str) -> tuple[Any, str] | None:
    """A bus's policy and its account; None for an ARN that is no bus's."""
    from ministack.services import eventbridge

    if ":event-bus/" not in arn:
        return None
    account, region, name = arn.split(":")[4], arn.split(":")[3], arn.rpartition("/")[2]
    return eventbridge._event_bus_policies.get_scoped(account, region, name) or "", account


def _put_whole(request: Mapping[str, Any]) -> Any:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html"""
    from ministack.core.responses import error_response_json, json_response
    from ministack.services import eventbridge

    name = str(request.get("EventBusName") or "default")
    try:
        policy = json.loads(request["Policy"])
    except ValueError:
        return error_response_json("ValidationException", "The policy is not valid JSON.", 400)
    eventbridge._event_bus_policies[name] = policy
    return json_response({})
