"""CloudFormation's AWS::CloudWatch::CompositeAlarm, which MiniStack refuses although it has composite alarms.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudwatch-compositealarm.html
"""

from typing import Any

from embedded.cloud import Cloud
from embedded.mends.provisioning import Made, Properties, accepted, check_known, physical_name

_TYPE = "AWS::CloudWatch::CompositeAlarm"
_KNOWN = (
    "AlarmName",
    "AlarmRule",
    "AlarmDescription",
    "ActionsEnabled",
    "AlarmActions",
    "OKActions",
    "InsufficientDataActions",
    "Tags",
)


def install(cloud: Cloud) -> None:
    """Let templates hold composite alarms."""
    cloud.register_resource_type(_TYPE, create=_create, delete=_delete, update=_update)


def _create(logical_id: str, properties: Properties, stack: str) -> Made:
    return _put(properties.get("AlarmName") or physical_name(stack, logical_id, 255), properties)


def _update(name: str, _old: Properties, properties: Properties, _stack: str) -> Made:
    renamed = properties.get("AlarmName") or name
    made = _put(renamed, properties)
    if renamed != name:
        _delete(name, {})
    return made


def _put(name: str, properties: Properties) -> Made:
    from ministack.services import cloudwatch

    check_known(_TYPE, properties, _KNOWN)
    enabled = str(properties.get("ActionsEnabled", True)).lower() == "true"
    request = properties | {"AlarmName": name, "ActionsEnabled": enabled}
    accepted(_TYPE, cloudwatch._put_composite_alarm({}, request, is_cbor=False, is_json=True))
    return name, {"Arn": cloudwatch._composite_alarms[name]["AlarmArn"]}


def _delete(name: str, _properties: Properties) -> None:
    from ministack.services import cloudwatch

    request: dict[str, Any] = {"AlarmNames": [name]}
    accepted(_TYPE, cloudwatch._delete_alarms({}, request, is_cbor=False, is_json=True))
