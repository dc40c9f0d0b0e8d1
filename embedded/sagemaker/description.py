"""What DescribeEndpoint answers, and the event that tells of a change."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from embedded.sagemaker.records import EndpointRecord, Pending, Variant
from embedded.sagemaker.traffic import Fleet
from embedded.service_events import Publish

_ENDPOINT_EVENT = "SageMaker Endpoint State Change"


def describe(record: EndpointRecord, fleet: Fleet) -> dict[str, Any]:
    """The members of DescribeEndpoint's answer."""
    return {
        "EndpointName": record.name,
        "EndpointArn": record.arn,
        "EndpointConfigName": record.config,
        "ProductionVariants": [_summary(each, fleet) for each in record.variants] or None,
        "EndpointStatus": record.status,
        "FailureReason": record.reason,
        "CreationTime": record.created,
        "LastModifiedTime": record.modified,
        "LastDeploymentConfig": record.deployment,
        "PendingDeploymentSummary": _pending(record.pending) if record.pending else None,
    }


def announcer(publish: Publish) -> Callable[[EndpointRecord, Fleet], None]:
    """A function that puts the event of an endpoint's change on the default bus.

    Source of its detail: "Events that Amazon SageMaker AI sends to Amazon EventBridge".
    """

    def announce(record: EndpointRecord, fleet: Fleet) -> None:
        publish(_ENDPOINT_EVENT, event_detail(record, fleet), [record.arn])

    return announce


def event_detail(record: EndpointRecord, fleet: Fleet) -> Mapping[str, Any]:
    """The detail: status in capitals, moments in milliseconds."""
    detail = {
        "EndpointName": record.name,
        "EndpointArn": record.arn,
        "EndpointConfigName": record.config,
        "ProductionVariants": [_weights(each, fleet) for each in record.variants],
        "EndpointStatus": _CAPITAL.sub("_", record.status).upper(),
        "FailureReason": record.reason,
        "CreationTime": int(record.created * 1000),
        "LastModifiedTime": int(record.modified * 1000),
        "Tags": dict(record.tags),
    }
    return {key: value for key, value in detail.items() if value is not None}


_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def _summary(variant: Variant, fleet: Fleet) -> dict[str, Any]:
    image = {
        "SpecifiedImage": variant.container.image,
        "ResolvedImage": variant.resolved_image,
        "ResolutionTime": variant.resolved_at,
    }
    return {**_weights(variant, fleet), "DeployedImages": [image]}


def _weights(variant: Variant, fleet: Fleet) -> dict[str, Any]:
    return {
        "VariantName": variant.name,
        "CurrentWeight": fleet.weights.get(variant.name, variant.weight),
        "DesiredWeight": variant.weight,
        "CurrentInstanceCount": fleet.count(variant.name),
        "DesiredInstanceCount": variant.instances,
    }


def _pending(pending: Pending) -> dict[str, Any]:
    status = {"Status": "Creating", "StartTime": pending.started}
    variants = [
        {
            "VariantName": each.name,
            "DesiredWeight": each.weight,
            "DesiredInstanceCount": each.instances,
            "CurrentInstanceCount": 0,
            "VariantStatus": [status],
        }
        for each in pending.variants
    ]
    return {
        "EndpointConfigName": pending.config,
        "StartTime": pending.started,
        "ProductionVariants": variants,
    }
