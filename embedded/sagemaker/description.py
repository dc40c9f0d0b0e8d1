"""What DescribeEndpoint answers, and the events that tell of a change.

Source of the events: "Events that Amazon SageMaker AI sends to Amazon EventBridge".
"""

import re
from collections.abc import Mapping
from typing import Any

from embedded.sagemaker.fleet import Fleet
from embedded.sagemaker.records import EndpointRecord, Pending, Phase, Serverless, Variant
from embedded.sagemaker.site import Announcer
from embedded.sagemaker.traffic import Traffic
from embedded.service_events import Publish

_STATE, _DEPLOYMENT = "SageMaker Endpoint State Change", "SageMaker Endpoint Deployment State Change"


def describe(record: EndpointRecord, traffic: Traffic) -> dict[str, Any]:
    """The members of DescribeEndpoint's answer."""
    return {
        "EndpointName": record.name,
        "EndpointArn": record.arn,
        "EndpointConfigName": record.config,
        "ProductionVariants": [_summary(each, traffic.fleet, record.phases) for each in record.variants]
        or None,
        "DataCaptureConfig": _capture(record.options.capture),
        "EndpointStatus": record.status,
        "FailureReason": record.reason,
        "CreationTime": record.created,
        "LastModifiedTime": record.modified,
        "LastDeploymentConfig": record.deployment,
        "AsyncInferenceConfig": record.options.asynchronous,
        "PendingDeploymentSummary": _pending(record.pending, traffic) if record.pending else None,
    }


def announcer(publish: Publish) -> Announcer:
    """Who puts the events of an endpoint's changes on the default bus."""

    def tell_state(record: EndpointRecord, traffic: Traffic) -> None:
        publish(_STATE, event_detail(record, traffic), [record.arn])

    def tell_deployment(record: EndpointRecord, traffic: Traffic) -> None:
        publish(_DEPLOYMENT, deployment_detail(record, traffic), [record.arn])

    return Announcer(state=tell_state, deployment=tell_deployment)


def event_detail(record: EndpointRecord, traffic: Traffic) -> Mapping[str, Any]:
    """The detail of a state change: status in capitals, moments in milliseconds."""
    detail = {
        "EndpointName": record.name,
        "EndpointArn": record.arn,
        "EndpointConfigName": record.config,
        "ProductionVariants": [_weights(each, traffic.fleet) for each in record.variants],
        "EndpointStatus": _CAPITAL.sub("_", record.status).upper(),
        "FailureReason": record.reason,
        "CreationTime": int(record.created * 1000),
        "LastModifiedTime": int(record.modified * 1000),
        "Tags": dict(record.tags),
    }
    return {key: value for key, value in detail.items() if value is not None}


def deployment_detail(record: EndpointRecord, traffic: Traffic) -> Mapping[str, Any]:
    """The detail of a deployment's step: a state change's, with what is being done to which variant."""
    variants = [
        _weights(each, traffic.fleet) | _status(record.phases, each.name, 1000) for each in record.variants
    ]
    detail = {**event_detail(record, traffic), "ProductionVariants": variants}
    if record.pending:
        detail["PendingDeploymentSummary"] = _pending(record.pending, traffic, 1000, images=False)
    return detail


_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def _summary(variant: Variant, fleet: Fleet, phases: Mapping[str, Phase]) -> dict[str, Any]:
    return {**_weights(variant, fleet), **_status(phases, variant.name), "DeployedImages": _images(variant)}


def _images(variant: Variant) -> list[dict[str, Any]]:
    image = {
        "SpecifiedImage": variant.container.image,
        "ResolvedImage": variant.resolved_image,
        "ResolutionTime": variant.resolved_at,
    }
    return [image]


def _weights(variant: Variant, fleet: Fleet) -> dict[str, Any]:
    current = fleet.variants.get(variant.name, variant)
    weights = {
        "VariantName": variant.name,
        "CurrentWeight": current.weight,
        "DesiredWeight": variant.weight,
    }
    if variant.serverless is not None:
        return weights | {
            "CurrentServerlessConfig": _serverless(current.serverless),
            "DesiredServerlessConfig": _serverless(variant.serverless),
        }
    counts = {
        "CurrentInstanceCount": fleet.count(variant.name),
        "DesiredInstanceCount": variant.instances,
    }
    return weights | counts


def _serverless(limits: Serverless | None) -> dict[str, Any] | None:
    if limits is None:
        return None
    found = {"MemorySizeInMB": limits.memory_mb, "MaxConcurrency": limits.max_concurrency}
    return found | ({"ProvisionedConcurrency": limits.provisioned} if limits.provisioned else {})


def _status(phases: Mapping[str, Phase], name: str, unit: int = 1) -> dict[str, Any]:
    """A variant's status, its moment in seconds or (unit 1000) milliseconds."""
    phase = phases.get(name)
    if phase is None:
        return {}
    started = phase.started if unit == 1 else int(phase.started * unit)
    found = {"Status": phase.status, "StatusMessage": phase.message, "StartTime": started}
    return {"VariantStatus": [found]}


def _pending(pending: Pending, traffic: Traffic, unit: int = 1, *, images: bool = True) -> dict[str, Any]:
    fleet = traffic.next or Fleet()
    variants = [
        _weights(each, fleet)
        | _status(pending.phases, each.name, unit)
        | ({"DeployedImages": _images(each)} if images else {})
        for each in pending.variants
    ]
    return {
        "EndpointConfigName": pending.config,
        "StartTime": pending.started if unit == 1 else int(pending.started * unit),
        "ProductionVariants": variants,
    }


def _capture(config: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if config is None:
        return None
    is_on = config.get("EnableCapture", True)
    return {
        "EnableCapture": is_on,
        "CaptureStatus": "Started" if is_on else "Stopped",
        "CurrentSamplingPercentage": config["InitialSamplingPercentage"],
        "DestinationS3Uri": config["DestinationS3Uri"],
        "KmsKeyId": config.get("KmsKeyId", ""),
    }
