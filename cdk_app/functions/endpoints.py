"""Functions that put a model version behind an endpoint, and prove that it answers."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn

from cdk_app.functions.ledger import on_ledger
from cdk_app.functions.spec import Foundation, FunctionSpec
from cdk_app.statements import allow, arn, objects, pass_role


def start_deployment(on: Foundation, *, prefix: str) -> FunctionSpec:
    """Creates what SageMaker needs; the only function that hands the endpoint role to it."""
    role = on.compute.endpoint_role.role_arn
    return FunctionSpec(
        name="endpoints/start_deployment",
        does="Create or update a project's endpoint for a model version",
        environment={
            **_ledger(on),
            "ARTIFACTS_BUCKET": on.storage.artifacts.bucket_name,
            "MLFLOW_TRACKING_URI": on.tracking.uri,
            "ENDPOINT_PREFIX": prefix,
            "ENDPOINT_ROLE_ARN": role,
        },
        may=[
            allow("sagemaker:CreateModel", on=_arns(on, prefix, "model")),
            allow("sagemaker:CreateEndpointConfig", on=_arns(on, prefix, "endpoint-config")),
            allow(
                "sagemaker:CreateEndpoint",
                "sagemaker:UpdateEndpoint",
                on=_arns(on, prefix, "endpoint", "endpoint-config"),
            ),
            allow("sagemaker:DescribeEndpoint", on=_arns(on, prefix, "endpoint")),
            pass_role(role, to="sagemaker.amazonaws.com"),
            allow("s3:GetObject", on=objects(on.storage.artifacts, "runs/*")),
            on_ledger(on.storage.ledger, "GetItem", "PutItem"),
            *on.tracking.statements(),
        ],
    )


def check_deployment(on: Foundation, *, prefix: str) -> FunctionSpec:
    """Only looks."""
    return FunctionSpec(
        name="endpoints/check_deployment",
        does="Say whether the endpoint is in service, failed, or still changing",
        environment=_ledger(on),
        may=[
            allow("sagemaker:DescribeEndpoint", on=_arns(on, prefix, "endpoint")),
            on_ledger(on.storage.ledger, "GetItem"),
        ],
    )


def verify_deployment(on: Foundation, *, prefix: str) -> FunctionSpec:
    """Sends held-out rows whose answer is known."""
    return FunctionSpec(
        name="endpoints/verify_deployment",
        does="Invoke the endpoint and compare its answer with the one noted at evaluation",
        timeout_seconds=90,
        environment={**_ledger(on), "ARTIFACTS_BUCKET": on.storage.artifacts.bucket_name},
        may=[
            allow("sagemaker:InvokeEndpoint", on=_arns(on, prefix, "endpoint")),
            allow("s3:GetObject", on=objects(on.storage.artifacts, "runs/*")),
            on_ledger(on.storage.ledger, "GetItem"),
        ],
    )


def promote_model(on: Foundation) -> FunctionSpec:
    """Moves the alias; touches no endpoint."""
    return FunctionSpec(
        name="endpoints/promote_model",
        does="Make the verified model version the champion",
        environment={
            **_ledger(on),
            "MLFLOW_TRACKING_URI": on.tracking.uri,
            "EVENT_BUS": on.storage.bus.event_bus_name,
        },
        may=[*_record(on), *on.tracking.statements()],
    )


def fail_deployment(on: Foundation, *, prefix: str) -> FunctionSpec:
    """Brings the previous configuration back."""
    return FunctionSpec(
        name="endpoints/fail_deployment",
        does="Restore the previous endpoint configuration and record why the deployment failed",
        environment={
            **_ledger(on),
            "ENDPOINT_PREFIX": prefix,
            "EVENT_BUS": on.storage.bus.event_bus_name,
        },
        may=[
            allow("sagemaker:DescribeEndpoint", on=_arns(on, prefix, "endpoint")),
            allow("sagemaker:UpdateEndpoint", on=_arns(on, prefix, "endpoint", "endpoint-config")),
            allow("sagemaker:DeleteEndpoint", on=_arns(on, prefix, "endpoint")),
            *_record(on),
        ],
    )


def request_deployment(
    on: Foundation, *, deploy_model: sfn.IStateMachine, failures: sqs.IQueue
) -> FunctionSpec:
    """The only function that starts deployments which no run asks for."""
    return FunctionSpec(
        name="endpoints/request_deployment",
        does="Start the deployment that somebody asked for",
        environment={
            **_ledger(on),
            "MLFLOW_TRACKING_URI": on.tracking.uri,
            "DEPLOY_MODEL_ARN": deploy_model.state_machine_arn,
        },
        may=[
            on_ledger(on.storage.ledger, "GetItem", "PutItem"),
            allow("states:StartExecution", on=deploy_model.state_machine_arn),
            allow("sqs:SendMessage", on=failures.queue_arn),
            *on.tracking.statements(),
        ],
    )


def sweep_registry(on: Foundation) -> FunctionSpec:
    """Only looks, and asks. Failed calls are not kept: the next sweep does what they would have done."""
    return FunctionSpec(
        name="endpoints/sweep_registry",
        does="Find out whether somebody moved the alias champion in the registry",
        environment={
            **_ledger(on),
            "MLFLOW_TRACKING_URI": on.tracking.uri,
            "EVENT_BUS": on.storage.bus.event_bus_name,
        },
        may=[
            on_ledger(on.storage.ledger, "GetItem", "PutItem"),
            allow("events:PutEvents", on=on.storage.bus.event_bus_arn),
            *on.tracking.statements(),
        ],
    )


def _ledger(on: Foundation) -> dict[str, str]:
    return {"LEDGER_TABLE": on.storage.ledger.table_name}


def _record(on: Foundation) -> list[iam.PolicyStatement]:
    return [
        on_ledger(on.storage.ledger, "GetItem", "PutItem", "UpdateItem"),
        allow("events:PutEvents", on=on.storage.bus.event_bus_arn),
    ]


def _arns(on: Foundation, prefix: str, *kinds: str) -> list[str]:
    return [arn(on.compute, "sagemaker", f"{kind}/{prefix}-*") for kind in kinds]
