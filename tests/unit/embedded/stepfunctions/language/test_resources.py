"""What a Task calls is a function, an activity, or an integration that there is, waited for as it can be."""

import pytest

from embedded.stepfunctions.integrations.sdk_names import find_operation
from embedded.stepfunctions.language.rules.resources import OPTIMIZED
from tests.unit.embedded.stepfunctions.language.machines import findings, machine, task

PREFIX = "arn:aws:states:::"


def problem(resource: str) -> str:
    """What is found of a Task's resource; nothing, if it is right."""
    found = findings(machine(task(Resource=resource)))
    assert len(found) <= 1
    return found[0] if found else ""


@pytest.mark.parametrize(
    "resource",
    [
        "arn:aws:lambda:us-east-1:123456789012:function:work",
        "arn:aws:lambda:us-east-1:123456789012:function:work:live",
        "arn:aws:lambda:us-east-1:123456789012:function:work:$LATEST",
        "arn:aws:states:us-east-1:123456789012:activity:by-hand",
        f"{PREFIX}lambda:invoke.waitForTaskToken",
        f"{PREFIX}batch:submitJob.sync",
        f"{PREFIX}codebuild:startBuild.sync",
        f"{PREFIX}sagemaker:createTransformJob.sync",
        f"{PREFIX}states:startExecution.sync:2",
        f"{PREFIX}events:putEvents",
        f"{PREFIX}aws-sdk:sfn:startExecution",
        f"{PREFIX}aws-sdk:cloudwatchlogs:putLogEvents",
        f"{PREFIX}aws-sdk:scheduler:createSchedule",
        f"{PREFIX}aws-sdk:sqs:sendMessage.waitForTaskToken",
        f"{PREFIX}aws-sdk:secretsmanager:getSecretValue",
        f"{PREFIX}aws-sdk:elasticloadbalancingv2:describeRules",
    ],
)
def test_a_resource_that_there_is_is_accepted(resource: str) -> None:
    """Services of the SDK are spelled as Step Functions spells them."""
    assert problem(resource) == ""


@pytest.mark.parametrize(
    ("resource", "why"),
    [
        ("work", "is no ARN of"),
        ("{% $f %}", "is no ARN of"),
        ("arn:aws:lambda:us-east-1:123456789012:function:", "it is not the ARN of a function"),
        ("arn:aws:states:us-east-1:12:activity:a", "it is not the ARN of an activity"),
        (f"{PREFIX}lambda", "does not have the form"),
        (f"{PREFIX}nope:run", "there is no optimised integration of nope"),
        (f"{PREFIX}lambda:Invoke", "lambda has these operations: invoke"),
        (
            f"{PREFIX}lambda:invoke.sync",
            "lambda:invoke has no .sync, but request response, .waitForTaskToken",
        ),
        (f"{PREFIX}batch:submitJob.waitForTaskToken", "batch:submitJob has no .waitForTaskToken"),
        (f"{PREFIX}batch:submitJob.sync:2", "batch:submitJob has no .sync:2"),
        (
            f"{PREFIX}dynamodb:query",
            "dynamodb has these operations: getItem, putItem, deleteItem, updateItem",
        ),
        (f"{PREFIX}aws-sdk:stepfunctions:startExecution", "the SDK has no service stepfunctions"),
        (f"{PREFIX}aws-sdk:S3:getObject", "the SDK has no service S3"),
        (f"{PREFIX}aws-sdk:s3:GetObject", "s3 has no operation GetObject"),
        (f"{PREFIX}aws-sdk:s3:getObjects", "s3 has no operation getObjects"),
        (f"{PREFIX}aws-sdk:sagemaker:createModel.sync", "sagemaker:createModel has no .sync"),
    ],
)
def test_a_resource_that_there_is_not_is_refused(resource: str, why: str) -> None:
    """In AWS's words, and then with the reason."""
    found = problem(resource)
    assert f"The resource provided {resource} is not recognized." in found
    assert why in found
    assert found.endswith(" at /States/S/Resource")


def test_optimised_integrations_call_operations_that_there_are() -> None:
    """Held against botocore's models, where an integration is of one operation of the same name."""
    spelled = {"states": "sfn", "events": "eventbridge"}
    own = {"eks:call", "eks:runJob", "apigateway:invoke", "http:invoke", "bedrock:invokeModel"}
    for service, operations in OPTIMIZED.items():
        for operation in operations if service != "elasticmapreduce" else ():
            sdk = spelled.get(service, service.replace("-", ""))
            assert f"{service}:{operation}" in own or find_operation(sdk, operation), (service, operation)
