"""What Application Auto Scaling answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from embedded.paging import page
from embedded.scaling.metrics import invalid
from embedded.scaling.records import Activity, Target

_PAGE = 50
_SUSPENDABLE = ("DynamicScalingIn", "DynamicScalingOut", "ScheduledScaling")


def describe_target(target: Target, account_id: str) -> dict[str, Any]:
    """One of DescribeScalableTargets's answer."""
    role = "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    service = "sagemaker.application-autoscaling.amazonaws.com"
    return {
        **identity(target),
        "MinCapacity": target.minimum,
        "MaxCapacity": target.maximum,
        "RoleARN": f"arn:aws:iam::{account_id}:role/aws-service-role/{service}/{role}",
        "CreationTime": target.created,
        "SuspendedState": {f"{each}Suspended": False for each in _SUSPENDABLE} | dict(target.suspended),
        "ScalableTargetARN": target.arn,
    }


def identity(record: Target | Activity) -> dict[str, Any]:
    """What is scaled, as every answer names it."""
    return {
        "ServiceNamespace": record.namespace,
        "ResourceId": record.resource,
        "ScalableDimension": record.dimension,
    }


def activity(record: Activity) -> dict[str, Any]:
    """One of DescribeScalingActivities's answer."""
    return {
        **identity(record),
        "ActivityId": record.id,
        "Description": record.description,
        "Cause": record.cause,
        "StartTime": record.started,
        "EndTime": record.ended,
        "StatusCode": record.status,
        "StatusMessage": record.message,
    }


def matches(record: Target | Activity, params: Mapping[str, Any]) -> bool:
    """Whether a record is one that a request asks for."""
    asked = {"namespace": "ServiceNamespace", "resource": "ResourceId", "dimension": "ScalableDimension"}
    return all(getattr(record, own) == params[name] for own, name in asked.items() if name in params)


def paged(name: str, found: Sequence[Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """One page of an answer."""
    items, token = page(found, params.get("NextToken"), params.get("MaxResults", _PAGE), invalid=invalid)
    return {name: items, "NextToken": token.get("nextToken")}
