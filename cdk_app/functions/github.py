"""Functions that hear from GitHub, and tell it."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs

from cdk_app.functions.ledger import on_ledger
from cdk_app.functions.spec import Foundation, FunctionSpec
from cdk_app.functions.triggers import RECEIVE
from cdk_app.settings import StageSettings
from cdk_app.statements import allow, arn, listing, objects
from sluiceway.github.settings import parameter_name, secret_name

LAYERS = ("runtime", "signing")
"""Of functions that speak to GitHub: a GitHub App signs what it asks."""

REPORT_SECONDS = 40
"""Less than `sluiceway.github.report_places.ATTEMPT_LASTS`."""


def connection_names(settings: StageSettings) -> dict[str, str]:
    """Where a function finds to which GitHub the stage is connected, and as whom."""
    return {
        "GITHUB_PARAMETER": parameter_name(settings.stage),
        "GITHUB_SECRET": secret_name(settings.stage),
    }


def connection(on: Foundation, settings: StageSettings) -> list[iam.PolicyStatement]:
    """Allow to read it. `sluice github connect` makes both, so their ARNs are made from their names."""
    stack = on.storage
    return [
        allow("ssm:GetParameter", on=arn(stack, "ssm", f"parameter{parameter_name(settings.stage)}")),
        # Secrets Manager adds a hyphen and six characters to a secret's name.
        allow(
            "secretsmanager:GetSecretValue",
            on=arn(stack, "secretsmanager", f"secret:{secret_name(settings.stage)}-??????"),
        ),
    ]


def report_run(on: Foundation, *, settings: StageSettings, queue: sqs.IQueue) -> FunctionSpec:
    """Reads what runs left behind; writes on GitHub, and where it did so in the ledger."""
    storage = on.storage
    return FunctionSpec(
        name="github/report_run",
        does="Tell GitHub how projects, runs and deployments of its commits stand",
        timeout_seconds=REPORT_SECONDS,
        layers=LAYERS,
        environment={
            **connection_names(settings),
            "LEDGER_TABLE": storage.ledger.table_name,
            "ARTIFACTS_BUCKET": storage.artifacts.bucket_name,
            "ENDPOINT_PREFIX": settings.resource_prefix,
        },
        may=[
            allow(*RECEIVE, on=queue.queue_arn),
            *connection(on, settings),
            allow("s3:GetObject", on=objects(storage.artifacts, "runs/*")),
            listing("s3:ListBucket", storage.artifacts, "runs/*"),
            on_ledger(storage.ledger, "GetItem", "PutItem", "UpdateItem", "Query"),
        ],
    )
