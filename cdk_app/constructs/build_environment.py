"""The CodeBuild project that builds environment images: nobody needs Docker to deploy."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_app.constructs.logs import log_group
from cdk_app.settings import StageSettings
from cdk_app.statements import allow, inline, logging_to, objects

BUILDSPEC = Path(__file__).with_name("buildspec.yml")


class BuildEnvironment(Construct):
    """Builds the context that prepare_build wrote, and pushes it to the one repository."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: StageSettings,
        artifacts: s3.IBucket,
        repository: ecr.IRepository,
    ) -> None:
        super().__init__(scope, construct_id)
        self.logs = log_group(self, "Logs", retention_days=settings.log_retention_days)
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("codebuild.amazonaws.com"),
            inline_policies=inline(
                [
                    # CodeBuild finds out which version a source has and reads that one.
                    allow("s3:GetObject", "s3:GetObjectVersion", on=objects(artifacts, "images/*")),
                    allow("ecr:GetAuthorizationToken", on="*"),
                    allow(*_PUSH, on=repository.repository_arn),
                    logging_to(self.logs.log_group_arn),
                ]
            ),
        )
        self.project = _project(
            self, artifacts=artifacts, repository=repository, role=role, logs=self.logs.log_group_name
        )


_PUSH = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)


def _project(
    scope: Construct, *, artifacts: s3.IBucket, repository: ecr.IRepository, role: iam.Role, logs: str
) -> codebuild.CfnProject:
    # The L1: the L2 adds statements of its own (report groups, all of the bucket) to the role.
    return codebuild.CfnProject(
        scope,
        "Project",
        service_role=role.role_arn,
        source=codebuild.CfnProject.SourceProperty(
            type="S3",
            # Every build names its own context; this one never exists, so a build without one fails at once.
            location=f"{artifacts.bucket_name}/images/none/context.zip",
            # Not the buildspec of the source: what a project brings along never decides what the build does.
            build_spec=BUILDSPEC.read_text(),
        ),
        artifacts=codebuild.CfnProject.ArtifactsProperty(type="NO_ARTIFACTS"),
        environment=_environment(scope, repository),
        logs_config=codebuild.CfnProject.LogsConfigProperty(
            cloud_watch_logs=codebuild.CfnProject.CloudWatchLogsConfigProperty(
                status="ENABLED", group_name=logs
            )
        ),
        timeout_in_minutes=60,
        queued_timeout_in_minutes=30,
    )


def _environment(scope: Construct, repository: ecr.IRepository) -> codebuild.CfnProject.EnvironmentProperty:
    stack = cdk.Stack.of(scope)
    registry = f"{stack.account}.dkr.ecr.{stack.region}.{stack.url_suffix}"
    variables = {
        "REPOSITORY_URI": f"{registry}/{repository.repository_name}",
        "REGISTRY": registry,
    }
    return codebuild.CfnProject.EnvironmentProperty(
        type="LINUX_CONTAINER",
        # x86: SageMaker's ml.m and ml.c instances are, and an image serves training and endpoint alike.
        image="aws/codebuild/amazonlinux-x86_64-standard:5.0",
        compute_type="BUILD_GENERAL1_MEDIUM",
        privileged_mode=True,  # docker build needs it
        environment_variables=[
            codebuild.CfnProject.EnvironmentVariableProperty(name=name, value=value)
            for name, value in variables.items()
        ],
    )
