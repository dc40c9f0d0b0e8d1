"""What Tasks call: functions, activities, optimised integrations, and the SDK by botocore's models.

https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html and
https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

import re
from collections.abc import Iterator, Mapping

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
    "bedrock": {"invokeModel": _CALLBACK, "createModelCustomizationJob": _BOTH},
    "bedrockagentcore": {"invokeHarness": _PLAIN},
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
    # Here, as botocore takes long to load and most machines call nothing through the SDK.
    from embedded.stepfunctions.integrations.sdk_names import find_operation, services

    if resource.pattern not in _CALLBACK:
        return _pattern_problem(resource, _CALLBACK)
    if resource.service not in services():
        return f"the SDK has no service {resource.service}"
    if find_operation(resource.service, resource.operation) is None:
        return f"{resource.service} has no operation {resource.operation}"
    return None
