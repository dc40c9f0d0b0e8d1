"""CodeBuild in the embedded cloud: over the wire, under roles, and from a state machine."""

import json
from typing import Any
from uuid import uuid4

import pytest

from embedded.environment import ACCOUNT_ID, REGION
from tests.embedded.conftest import CloudSession, allow, wait_for
from tests.embedded.process_image import ImageBuild

pytestmark = pytest.mark.embedded

RULE = f"arn:aws:events:{REGION}:{ACCOUNT_ID}:rule/StepFunctionsGetEventForCodeBuildStartBuildRule"


def test_a_build_makes_and_pushes_an_image_under_its_role(cloud_session: CloudSession) -> None:
    """ECR then knows the tag, under the digest that the build exported."""
    image = ImageBuild(cloud_session)
    build = image.run()
    assert build["buildStatus"] == "SUCCEEDED", image.lines(build)
    found = cloud_session.client("ecr").describe_images(repositoryName=image.name)["imageDetails"][0]
    assert found["imageTags"] == ["1"]
    uri = f"{image.repository['repositoryUri']}@{found['imageDigest']}"
    assert build["exportedEnvironmentVariables"] == [{"name": "DIGEST", "value": uri}]
    assert cloud_session.calls_of(image.role, action="ecr:PutImage")[-1].decision == "Allow"


@pytest.mark.parametrize(
    ("action", "phase"),
    [
        ("s3:GetObject", "DOWNLOAD_SOURCE"),
        ("logs:CreateLogStream", "PROVISIONING"),
        ("ecr:GetAuthorizationToken", "PRE_BUILD"),
        ("ecr:PutImage", "BUILD"),
        ("ecr:InitiateLayerUpload", "BUILD"),
    ],
)
def test_a_build_fails_without_a_permission(action: str, phase: str, cloud_session: CloudSession) -> None:
    """In the phase that needs it."""
    image = ImageBuild(cloud_session, without=action)
    build = image.run()
    failed = next(item for item in build["phases"] if item.get("phaseStatus") == "FAILED")  # type: ignore[attr-defined]
    assert (build["buildStatus"], failed["phaseType"]) == ("FAILED", phase)
    assert cloud_session.calls_of(image.role, action=action)[-1].decision == "ImplicitDeny"


def _machine(cloud: CloudSession, project: str, *, role: str) -> str:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::codebuild:startBuild.sync",
        "Arguments": {"ProjectName": project, "IdempotencyToken": uuid4().hex},
        "Output": "{% $states.result.Build.BuildStatus %}",
        "End": True,
    }
    return cloud.machine({"StartAt": "Task", "States": {"Task": task}}, role=role)


def test_a_state_machine_runs_a_build(cloud_session: CloudSession) -> None:
    """With StartBuild, BatchGetBuilds and the managed rule granted; without, it fails by name."""
    image = ImageBuild(cloud_session)
    project = f"arn:aws:codebuild:{REGION}:{ACCOUNT_ID}:project/{image.name}"
    rule = [allow(f"events:{action}", RULE) for action in ("PutTargets", "PutRule", "DescribeRule")]
    role = cloud_session.role(
        *rule, allow("codebuild:StartBuild", project), allow("codebuild:BatchGetBuilds", project)
    )
    ended = cloud_session.run(_machine(cloud_session, image.name, role=role))
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", "SUCCEEDED")
    denied = cloud_session.run(_machine(cloud_session, image.name, role=cloud_session.role(*rule)))
    assert denied["error"] == "CodeBuild.AWSCodeBuildException"
    assert "codebuild:StartBuild" in denied["cause"]


def test_a_failed_build_fails_its_task(cloud_session: CloudSession) -> None:
    """With States.TaskFailed and the build as its cause."""
    image = ImageBuild(cloud_session, without="s3:GetObject")
    role = cloud_session.role(*(allow(f"{name}:*") for name in ("events", "codebuild")))
    ended = cloud_session.run(_machine(cloud_session, image.name, role=role))
    assert (ended["status"], ended["error"]) == ("FAILED", "States.TaskFailed")
    assert json.loads(ended["cause"])["Build"]["BuildStatus"] == "FAILED"


class Leaving:
    """A project that leaves a file in S3, and its log beside it."""

    SPEC = (
        "version: 0.2\nphases: {build: {commands: ['echo made > made.txt']}}\n"
        "artifacts: {files: [made.txt]}\n"
    )

    def __init__(self, cloud: CloudSession, *actions: str) -> None:
        self.cloud, self.name = cloud, f"leaving-{uuid4().hex[:8]}"
        cloud.client("s3").create_bucket(Bucket=self.name)
        bucket = f"arn:aws:s3:::{self.name}/*"
        self.role = cloud.role(allow("logs:*"), *(allow(action, bucket) for action in actions))
        cloud.client("codebuild").create_project(
            name=self.name,
            source={"type": "NO_SOURCE", "buildspec": self.SPEC},
            artifacts={"type": "S3", "location": self.name, "name": "out", "packaging": "NONE"},
            environment={"type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL"},
            serviceRole=self.role,
            logsConfig={"s3Logs": {"status": "ENABLED", "location": f"{self.name}/logs"}},
        )

    def run(self) -> dict[str, Any]:
        """A build, as it has ended."""
        codebuild = self.cloud.client("codebuild")
        build_id = codebuild.start_build(projectName=self.name)["build"]["id"]
        wait_for(lambda: codebuild.batch_get_builds(ids=[build_id])["builds"][0]["buildComplete"], seconds=60)
        return dict(codebuild.batch_get_builds(ids=[build_id])["builds"][0])


def test_a_build_leaves_its_artifacts_and_its_log_under_its_role(cloud_session: CloudSession) -> None:
    """And counts in the metrics of its project."""
    project = Leaving(cloud_session, "s3:PutObject")
    build = project.run()
    assert build["buildStatus"] == "SUCCEEDED", build["phases"]
    found = cloud_session.client("s3").get_object(Bucket=project.name, Key="out/made.txt")
    assert found["Body"].read() == b"made\n"
    keys = [
        item["Key"] for item in cloud_session.client("s3").list_objects_v2(Bucket=project.name)["Contents"]
    ]
    assert keys == [f"logs/{build['id'].partition(':')[2]}.gz", "out/made.txt"]
    metrics = cloud_session.client("cloudwatch").list_metrics(
        Namespace="AWS/CodeBuild", Dimensions=[{"Name": "ProjectName", "Value": project.name}]
    )["Metrics"]
    assert {"Builds", "SucceededBuilds", "Duration", "BuildDuration"} <= {
        item["MetricName"] for item in metrics
    }


def test_artifacts_need_the_roles_permission(cloud_session: CloudSession) -> None:
    """Without it the build fails as it uploads them."""
    build = Leaving(cloud_session).run()
    failed = next(item for item in build["phases"] if item.get("phaseStatus") == "FAILED")
    assert (build["buildStatus"], failed["phaseType"]) == ("FAILED", "UPLOAD_ARTIFACTS")
    assert "AccessDenied" in failed["contexts"][0]["message"]
