"""Functions around the build of an environment image."""

from cdk_app.functions.ledger import on_ledger
from cdk_app.functions.spec import Foundation, FunctionSpec
from cdk_app.statements import allow, arn, objects, pass_role


def prepare_build(on: Foundation) -> FunctionSpec:
    """Takes only environment files out of a verified archive."""
    storage = on.storage
    return FunctionSpec(
        name="images/prepare_build",
        does="Write the build context of an image",
        memory_mib=1024,
        environment={
            "LEDGER_TABLE": storage.ledger.table_name,
            "ARTIFACTS_BUCKET": storage.artifacts.bucket_name,
        },
        may=[
            allow("s3:GetObject", on=objects(storage.artifacts, "code/*")),
            allow("s3:PutObject", on=objects(storage.artifacts, "images/*")),
            on_ledger(storage.ledger, "GetItem"),
        ],
    )


def record_image(on: Foundation, *, prefix: str) -> FunctionSpec:
    """Hands the two roles of jobs to Batch, and no other."""
    storage, compute = on.storage, on.compute
    definitions = arn(compute, "batch", f"job-definition/{prefix}-*")
    return FunctionSpec(
        name="images/record_image",
        does="Record a built image by digest, with the job definition that runs it",
        environment={
            "LEDGER_TABLE": storage.ledger.table_name,
            "IMAGE_REPOSITORY_NAME": compute.repository.repository_name,
            "JOB_ROLE_ARN": compute.roles.job.role_arn,
            "EXECUTION_ROLE_ARN": compute.roles.execution.role_arn,
            "STEP_LOG_GROUP": compute.step_logs.log_group_name,
            "JOB_DEFINITION_PREFIX": prefix,
        },
        may=[
            allow("ecr:DescribeImages", on=compute.repository.repository_arn),
            # The end of a failed build's log is part of the reason that people read.
            allow("logs:GetLogEvents", on=compute.build.logs.log_group_arn),
            allow("batch:RegisterJobDefinition", on=definitions),
            pass_role(compute.roles.job.role_arn, to="ecs-tasks.amazonaws.com"),
            pass_role(compute.roles.execution.role_arn, to="ecs-tasks.amazonaws.com"),
            on_ledger(storage.ledger, "GetItem", "PutItem", "UpdateItem"),
        ],
    )
