"""Puts CodeBuild into the embedded cloud, in place of MiniStack's."""

from collections.abc import Mapping
from functools import partial

from embedded.cloud import Cloud
from embedded.codebuild.build_metrics import NAMESPACE
from embedded.codebuild.cloudformation import TYPE, ProjectType
from embedded.codebuild.iam import resources_of
from embedded.codebuild.service import CodeBuild
from embedded.codebuild.step_functions import START, START_SYNC, StartBuild
from embedded.readiness import when_listening
from embedded.service_events import publisher
from embedded.wire import JsonService


def install(cloud: Cloud) -> None:
    """Serve CodeBuild's API, its type in CloudFormation, and its integrations in Step Functions."""
    codebuild = CodeBuild(cloud, publisher(cloud, "aws.codebuild"), put_metric=partial(_put_metric, cloud))
    service = JsonService("codebuild", codebuild.operations, invalid="InvalidInputException")
    cloud.register_service(
        "codebuild", service.handle, credential_scopes=["codebuild"], target_prefixes=["CodeBuild_20161006"]
    )
    cloud.register_iam("codebuild", partial(resources_of, codebuild.project_arn), models=["codebuild"])
    project = ProjectType(codebuild)
    cloud.register_resource_type(TYPE, create=project.create, update=project.update, delete=project.delete)
    start_build = StartBuild(cloud, codebuild.builds.book)
    cloud.register_integration(START, start_build.request)
    cloud.register_job_integration(START_SYNC, start_build)
    cloud.on_shutdown(codebuild.builds.close)
    when_listening(cloud.endpoint_url, codebuild.builds.recover)


def _put_metric(cloud: Cloud, name: str, value: float, unit: str, dimensions: Mapping[str, str]) -> None:
    from ministack.core.responses import request_scope
    from ministack.services import cloudwatch

    with request_scope(cloud.account_id, cloud.region):
        cloudwatch.record_metric(NAMESPACE, name, value, unit, dict(dimensions))
