"""What Tasks call: functions, activities, optimised integrations, and the SDK by botocore's models.

https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html and
https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

import gzip
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from embedded.stepfunctions.language.diagnostics import SCHEMA, Diagnostic, error
from embedded.stepfunctions.language.rules.walk import Part
from embedded.stepfunctions.resource import Resource, parse_resource

_FUNCTION = re.compile(
    r"arn:[\w-]+:lambda:[\w-]+:\d{12}:function:[\w-]{1,64}(:(\$LATEST|[\w-]{1,128}))?", re.ASCII
)
_ACTIVITY = re.compile(r"arn:[\w-]+:states:[\w-]+:\d{12}:activity:[^\s:]{1,80}")
_PLAIN = ("",)
_JOB = ("", ".sync")
_CALLBACK = ("", ".waitForTaskToken")
_BOTH = ("", ".sync", ".waitForTaskToken")

OPTIMIZED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "lambda": {"invoke": _CALLBACK},
    "batch": {"submitJob": _JOB},
    "dynamodb": dict.fromkeys(("getItem", "putItem", "deleteItem", "updateItem"), _PLAIN),
    "ecs": {"runTask": _BOTH},
    "sns": {"publish": _CALLBACK},
    "sqs": {"sendMessage": _CALLBACK},
    "glue": {"startJobRun": _JOB},
    "sagemaker": {
        **dict.fromkeys(
            (
                "createHyperParameterTuningJob",
                "createLabelingJob",
                "createProcessingJob",
                "createTrainingJob",
                "createTransformJob",
            ),
            _JOB,
        ),
        **dict.fromkeys(("createEndpoint", "createEndpointConfig", "createModel", "updateEndpoint"), _PLAIN),
    },
    "elasticmapreduce": {
        **dict.fromkeys(("createCluster", "terminateCluster", "addStep"), _JOB),
        **dict.fromkeys(
            (
                "setClusterTerminationProtection",
                "cancelStep",
                "modifyInstanceFleetByName",
                "modifyInstanceGroupByName",
            ),
            _PLAIN,
        ),
    },
    "emr-containers": {
        "createVirtualCluster": _PLAIN,
        "deleteVirtualCluster": _JOB,
        "startJobRun": _JOB,
    },
    "emr-serverless": dict.fromkeys(
        (
            "createApplication",
            "startApplication",
            "stopApplication",
            "deleteApplication",
            "startJobRun",
            "cancelJobRun",
        ),
        _JOB,
    ),
    "eks": {
        **dict.fromkeys(
            (
                "createCluster",
                "deleteCluster",
                "createFargateProfile",
                "deleteFargateProfile",
                "createNodegroup",
                "deleteNodegroup",
                "runJob",
            ),
            _JOB,
        ),
        "call": _CALLBACK,
    },
    "apigateway": {"invoke": _CALLBACK},
    "athena": {
        "startQueryExecution": _JOB,
        **dict.fromkeys(("stopQueryExecution", "getQueryExecution", "getQueryResults"), _PLAIN),
    },
    "bedrock": {"invokeModel": _PLAIN, "createModelCustomizationJob": _JOB},
    "codebuild": {
        **dict.fromkeys(("startBuild", "startBuildBatch", "retryBuildBatch"), _JOB),
        **dict.fromkeys(
            ("stopBuild", "batchDeleteBuilds", "batchGetReports", "stopBuildBatch", "deleteBuildBatch"),
            _PLAIN,
        ),
    },
    "databrew": {"startJobRun": _JOB},
    "events": {"putEvents": _CALLBACK},
    "http": {"invoke": _PLAIN},
    "mediaconvert": {"createJob": _JOB},
    "states": {"startExecution": ("", ".sync", ".sync:2", ".waitForTaskToken")},
}
"""Optimised integrations: their operations, and how each can be waited for."""


def check_resource(part: Part) -> Iterator[Diagnostic]:
    """What is wrong with the resource of a Task."""
    arn = part.value.get("Resource")
    if part.group != "Task" or not isinstance(arn, str) or "${" in arn:
        return
    problem = _problem(arn)
    if problem:
        message = (
            f"The resource provided {arn} is not recognized. The value is not a valid resource ARN, or the "
            f"resource is not available in this region. ({problem})"
        )
        yield error(SCHEMA, message, f"{part.location}/Resource")


def _problem(arn: str) -> str | None:
    try:
        resource = parse_resource(arn)
    except ValueError as refused:
        return str(refused)
    if resource.kind == "activity":
        return None if _ACTIVITY.fullmatch(arn) else "it is not the ARN of an activity"
    if resource.kind == "function":
        return None if _FUNCTION.fullmatch(arn) else "it is not the ARN of a function"
    return _sdk_problem(resource) if resource.sdk else _optimized_problem(resource)


def _optimized_problem(resource: Resource) -> str | None:
    operations = OPTIMIZED.get(resource.service)
    if operations is None:
        return f"there is no optimised integration of {resource.service}"
    patterns = operations.get(resource.operation)
    if patterns is None:
        return f"{resource.service} has these operations: {', '.join(operations)}"
    return None if resource.pattern in patterns else _pattern_problem(resource, patterns)


def _pattern_problem(resource: Resource, patterns: tuple[str, ...]) -> str:
    supported = ", ".join(pattern or "request response" for pattern in patterns)
    wanted = resource.pattern or "request response"
    return f"{resource.service}:{resource.operation} has no {wanted}, but {supported}"


def _sdk_problem(resource: Resource) -> str | None:
    if resource.pattern not in _CALLBACK:
        return _pattern_problem(resource, _CALLBACK)
    operations = sdk_operations(resource.service)
    if operations is None:
        return f"the SDK has no service {resource.service}"
    if resource.operation not in operations:
        return f"{resource.service} has no operation {resource.operation}"
    return None


@cache
def sdk_operations(service: str) -> frozenset[str] | None:
    """The operations of a service as Step Functions spells both, e.g. `cloudwatchlogs` and `putLogEvents`."""
    model = model_name(service)
    if model is None:
        return None
    import botocore.session

    names = botocore.session.get_session().get_service_model(model).operation_names
    return frozenset(name[0].lower() + name[1:] for name in names)


def model_name(service: str) -> str | None:
    """The folder of botocore's model for a service as Step Functions spells it: `sfn` is `stepfunctions`.

    The spelling is the service's id, in lower case and without blanks.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*", service):
        return None
    folders = _folders()
    if service in folders and _service_id(folders[service]) == service:
        return service
    return _by_service_id().get(service)


@cache
def _folders() -> dict[str, Path]:
    import botocore

    root = Path(botocore.__file__).parent / "data"
    return {folder.name: folder for folder in sorted(root.iterdir()) if folder.is_dir()}


@cache
def _by_service_id() -> dict[str, str]:
    return {_service_id(folder): name for name, folder in _folders().items()}


def _service_id(folder: Path) -> str:
    """Read from the beginning of the newest model, which is too large to be read in a hurry."""
    for version in sorted(folder.iterdir(), reverse=True):
        found = re.search(rb'"serviceId"\s*:\s*"([^"]+)"', _beginning(version))
        if found:
            return re.sub(r"[^a-z0-9]", "", found[1].decode().lower())
    return ""


def _beginning(version: Path) -> bytes:
    for name, opened in (("service-2.json.gz", gzip.open), ("service-2.json", Path.open)):
        if (version / name).exists():
            with _opened(opened, version / name) as model:
                return bytes(model.read(4096))
    return b""


def _opened(opened: Any, path: Path) -> Any:
    return opened(path, "rb")
