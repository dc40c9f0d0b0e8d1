"""CloudFormation's AWS::Events::EventBusPolicy, which MiniStack refuses although its buses have policies.

One resource is one statement of a bus's policy, under its `StatementId`.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-eventbuspolicy.html
"""

import json
from typing import Any

from embedded.cloud import Cloud
from embedded.mends.provisioning import Made, Properties, check_known

_TYPE = "AWS::Events::EventBusPolicy"
_KNOWN = ("EventBusName", "Statement", "StatementId")


def install(cloud: Cloud) -> None:
    """Let templates hold policies of buses; only whole statements, not the older way of a principal."""
    cloud.register_resource_type(_TYPE, create=_create, delete=_delete, update=_update)


def _create(_logical_id: str, properties: Properties, _stack: str) -> Made:
    check_known(_TYPE, properties, _KNOWN)
    _put(properties)
    identity = f"{_bus(properties)}|{properties['StatementId']}"
    return identity, {"Id": identity}


def _update(_identity: str, old: Properties, new: Properties, stack: str) -> Made:
    _delete("", old)
    return _create("", new, stack)


def _delete(_identity: str, properties: Properties) -> None:
    from ministack.services import eventbridge

    eventbridge._remove_permission(
        {"EventBusName": _bus(properties), "StatementId": properties["StatementId"]}
    )


def _put(properties: Properties) -> None:
    from ministack.services import eventbridge

    given = properties["Statement"]
    statement: dict[str, Any] = json.loads(given) if isinstance(given, str) else dict(given)
    statement["Sid"] = str(properties["StatementId"])
    name = _bus(properties)
    standing = eventbridge._event_bus_policies.get(name) or {"Version": "2012-10-17", "Statement": []}
    others = [each for each in standing["Statement"] if each.get("Sid") != statement["Sid"]]
    eventbridge._event_bus_policies[name] = standing | {"Statement": [*others, statement]}


def _bus(properties: Properties) -> str:
    return str(properties.get("EventBusName") or "default")
