"""The roles under which jobs and endpoints run."""

from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_app.statements import allow, inline, listing, logging_to, objects

_PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")


def pull(repository: ecr.IRepository) -> list[iam.PolicyStatement]:
    """Allow to pull images of one repository."""
    return [allow("ecr:GetAuthorizationToken", on="*"), allow(*_PULL, on=repository.repository_arn)]


class BatchRoles(Construct):
    """`job`: what project code may do. `execution`: what Batch itself does to start a job."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        uploads: s3.IBucket,
        artifacts: s3.IBucket,
        repository: ecr.IRepository,
        step_logs: logs.ILogGroup,
        tracking: list[iam.PolicyStatement],
    ) -> None:
        super().__init__(scope, construct_id)
        tasks = iam.ServicePrincipal("ecs-tasks.amazonaws.com")
        self.job = iam.Role(
            self, "Job", assumed_by=tasks, inline_policies=inline([*_job(uploads, artifacts), *tracking])
        )
        starting = [*pull(repository), logging_to(step_logs.log_group_arn)]
        self.execution = iam.Role(self, "Execution", assumed_by=tasks, inline_policies=inline(starting))


def _job(uploads: s3.IBucket, artifacts: s3.IBucket) -> list[iam.PolicyStatement]:
    readable = objects(artifacts, "code/*", "datasets/*", "runs/*", "mlflow/*")
    return [
        allow("s3:GetObject", on=readable),
        # By version id only: a manifest pins versions, and what is latest now is none of a job's business.
        allow("s3:GetObjectVersion", on=objects(uploads, "data/*")),
        allow("s3:PutObject", on=objects(artifacts, "runs/*", "mlflow/*")),
        listing("s3:ListBucket", artifacts, "runs/*", "mlflow/*"),
    ]
