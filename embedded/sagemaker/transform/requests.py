"""What CreateTransformJob asks for, read strictly. Source: the API reference of the operation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from embedded.sagemaker.refusals import invalid, refuse_others

_JOB = (
    "TransformJobName",
    "ModelName",
    "MaxConcurrentTransforms",
    "ModelClientConfig",
    "MaxPayloadInMB",
    "BatchStrategy",
    "Environment",
    "TransformInput",
    "TransformOutput",
    "TransformResources",
    "DataProcessing",
    "Tags",
)
_DEFAULT_PROCESSING = {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}
_MEBIBYTE = 2**20
_MOST_AT_ONCE_MB = 100


@dataclass(frozen=True)
class Plan:
    """How a job goes about its input. `None` where the container may say it (`/execution-parameters`)."""

    source: str
    target: str
    content_type: str | None
    accept: str | None
    by_lines: bool
    with_newlines: bool
    instances: int
    payload_bytes: int | None
    at_once: int | None
    strategy: str | None
    timeout_seconds: int
    retries: int


def read_plan(params: Mapping[str, Any]) -> Plan:
    """The plan of a request; ValidationException for what is wrong in it, or not done here."""
    _refuse(params)
    given, output = params["TransformInput"], params["TransformOutput"]
    client = params.get("ModelClientConfig", {})
    payload, at_once = params.get("MaxPayloadInMB"), params.get("MaxConcurrentTransforms") or None
    _check_limits(payload, at_once, params.get("BatchStrategy"), given.get("SplitType", "None"))
    return Plan(
        source=given["DataSource"]["S3DataSource"]["S3Uri"],
        target=output["S3OutputPath"],
        content_type=given.get("ContentType"),
        accept=output.get("Accept"),
        by_lines=given.get("SplitType") == "Line",
        with_newlines=output.get("AssembleWith") == "Line",
        instances=params["TransformResources"]["InstanceCount"],
        payload_bytes=None if payload is None else payload * _MEBIBYTE,
        at_once=at_once,
        strategy=params.get("BatchStrategy"),
        timeout_seconds=client.get("InvocationsTimeoutInSeconds", 600),
        retries=client.get("InvocationsMaxRetries", 3),
    )


def _refuse(params: Mapping[str, Any]) -> None:
    refuse_others("CreateTransformJob", params, _JOB)
    source = params["TransformInput"]["DataSource"]["S3DataSource"]
    refused = {
        "S3DataType": (source["S3DataType"], ("S3Prefix",)),
        "CompressionType": (params["TransformInput"].get("CompressionType", "None"), ("None",)),
        "SplitType": (params["TransformInput"].get("SplitType", "None"), ("None", "Line")),
    }
    for name, (value, done) in refused.items():
        if value not in done:
            raise invalid(f"TransformInput: {name} {value} not implemented by the embedded SageMaker")
    refuse_others("TransformOutput", params["TransformOutput"], ("S3OutputPath", "Accept", "AssembleWith"))
    refuse_others("TransformResources", params["TransformResources"], ("InstanceType", "InstanceCount"))
    processing = params.get("DataProcessing", {})
    others = {key: value for key, value in processing.items() if value != _DEFAULT_PROCESSING[key]}
    refuse_others("DataProcessing", others, ())


def _check_limits(payload: int | None, at_once: int | None, strategy: str | None, split: str) -> None:
    if payload == 0:
        raise invalid("MaxPayloadInMB 0 (chunked encoding) not implemented by the embedded SageMaker")
    if (payload or 6) * (at_once or 1) > _MOST_AT_ONCE_MB:
        raise invalid(f"MaxConcurrentTransforms times MaxPayloadInMB must not exceed {_MOST_AT_ONCE_MB} MB.")
    if strategy and split == "None":
        raise invalid("BatchStrategy requires SplitType Line, RecordIO or TFRecord.")
