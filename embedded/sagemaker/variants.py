"""What a configuration's members may be together, and what a serverless variant is.

Sources: the API reference of `CreateEndpointConfig`, `ProductionVariantServerlessConfig` and
`AsyncInferenceConfig`; "Deploy models with Amazon SageMaker Serverless Inference", feature exclusions.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from embedded.sagemaker.records import Serverless, Variant
from embedded.sagemaker.refusals import invalid, refuse_others

SERVERLESS_STARTUP_SECONDS = 180
"""Within which a serverless container has to come up."""

_MEMORY_SIZES = range(1024, 6145, 1024)
_OF_INSTANCES = (
    "InstanceType",
    "InitialInstanceCount",
    "VolumeSizeInGB",
    "ModelDataDownloadTimeoutInSeconds",
    "ContainerStartupHealthCheckTimeoutInSeconds",
    "RoutingConfig",
)
_ROUTING = ("LEAST_OUTSTANDING_REQUESTS", "RANDOM")
_CAPTURE = (
    "EnableCapture",
    "InitialSamplingPercentage",
    "DestinationS3Uri",
    "CaptureOptions",
    "CaptureContentTypeHeader",
)
_ASYNC = ("ClientConfig", "OutputConfig")
_ASYNC_OUTPUT = ("S3OutputPath", "S3FailurePath", "NotificationConfig")


def read_serverless(request: Mapping[str, Any]) -> Serverless | None:
    """The limits of a serverless variant; None for one on instances."""
    config = request.get("ServerlessConfig")
    if not config:
        return None
    name = request["VariantName"]
    others = [each for each in _OF_INSTANCES if each in request]
    if others:
        raise invalid(f'Production variant "{name}": {", ".join(others)} cannot be set for a serverless one.')
    limits = Serverless(
        memory_mb=config["MemorySizeInMB"],
        max_concurrency=config["MaxConcurrency"],
        provisioned=config.get("ProvisionedConcurrency", 0),
    )
    if limits.memory_mb not in _MEMORY_SIZES:
        raise invalid(f"MemorySizeInMB must be one of {', '.join(map(str, _MEMORY_SIZES))}.")
    if limits.provisioned > limits.max_concurrency:
        raise invalid("ProvisionedConcurrency must be less than or equal to MaxConcurrency.")
    return limits


def check_routing(request: Mapping[str, Any]) -> None:
    """Refuse strategies of routing that would have no effect."""
    strategy = request.get("RoutingConfig", {}).get("RoutingStrategy", _ROUTING[0])
    if strategy not in _ROUTING:
        raise invalid(f"RoutingConfig: RoutingStrategy {strategy} not implemented by the embedded SageMaker")


def check_together(params: Mapping[str, Any], variants: Sequence[Variant]) -> None:
    """Refuse what AWS does not do together, and members of capture and async inference that are not done."""
    capture, asynchronous = params.get("DataCaptureConfig"), params.get("AsyncInferenceConfig")
    refuse_others("DataCaptureConfig", capture or {}, _CAPTURE)
    refuse_others("AsyncInferenceConfig", asynchronous or {}, _ASYNC)
    refuse_others("OutputConfig", (asynchronous or {}).get("OutputConfig", {}), _ASYNC_OUTPUT)
    if any(each.serverless for each in variants):
        _check_serverless(params, variants)
    if asynchronous and len(variants) > 1:
        raise invalid("An endpoint with asynchronous inference has one production variant.")
    if asynchronous and capture:
        raise invalid("DataCaptureConfig with AsyncInferenceConfig not implemented by the embedded SageMaker")
    if asynchronous and "S3OutputPath" not in asynchronous.get("OutputConfig", {}):
        raise invalid("OutputConfig: S3OutputPath is required by the embedded SageMaker")


def _check_serverless(params: Mapping[str, Any], variants: Sequence[Variant]) -> None:
    excluded = [name for name in ("DataCaptureConfig", "AsyncInferenceConfig") if params.get(name)]
    if excluded:
        raise invalid(f"Serverless variants do not support {', '.join(excluded)}.")
    if len(variants) > 1:
        raise invalid("An endpoint with a serverless variant has one production variant.")
    if any(each.container.isolated for each in variants):
        raise invalid("Serverless variants do not support network isolation.")
