"""A small image in the cloud's ECR, made and pushed by a build."""

from uuid import uuid4

from embedded.environment import ACCOUNT_ID, REGION
from tests.embedded.conftest import CloudSession, allow, wait_for, zipped

REGISTRY = f"{ACCOUNT_ID}.dkr.ecr.{REGION}.amazonaws.com"
DOCKERFILE = (
    "FROM python:3.13-slim\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n"
)
DOCKERFILE += 'COPY tool.py .\nENTRYPOINT ["python", "tool.py"]\n'
TOOL = "import six, sys\nprint('six', six.__version__, flush=True)\nexec(sys.argv[1])\n"
CONTEXT = {"Dockerfile": DOCKERFILE, "requirements.txt": "six==1.17.0\n", "tool.py": TOOL}
BUILDSPEC = """
version: 0.2
env:
  exported-variables: [DIGEST]
phases:
  pre_build:
    commands:
      - aws ecr get-login-password | docker login --username AWS --password-stdin "${URI%%/*}"
  build:
    commands:
      - docker build --platform linux/arm64 --provenance=false -t "$URI:1" .
      - docker push "$URI:1"
      - DIGEST=$(docker inspect --format '{{index .RepoDigests 0}}' "$URI:1")
"""
PUSH = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
    "ecr:PutImage",
)


class ImageBuild:
    """A repository, a source in S3, and a project whose role may do exactly what the build needs."""

    def __init__(self, cloud: CloudSession, *, without: str = "") -> None:
        self.cloud = cloud
        self.name = f"build-{uuid4().hex[:8]}"
        self.repository = cloud.client("ecr").create_repository(repositoryName=self.name)["repository"]
        s3 = cloud.client("s3")
        s3.create_bucket(Bucket=self.name)
        s3.put_object(Bucket=self.name, Key="context.zip", Body=zipped(CONTEXT))
        self.group = f"/builds/{self.name}"
        cloud.client("logs").create_log_group(logGroupName=self.group)
        self.role = cloud.role(*[s for s in self._statements() if s["Action"] != without])
        self._create_project()

    def _statements(self) -> list[dict[str, str]]:
        logs = f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{self.group}:*"
        return [
            allow("s3:GetObject", f"arn:aws:s3:::{self.name}/*"),
            allow("logs:CreateLogStream", logs),
            allow("logs:PutLogEvents", logs),
            allow("ecr:GetAuthorizationToken"),
            *(allow(action, self.repository["repositoryArn"]) for action in PUSH),
        ]

    def _create_project(self) -> None:
        self.cloud.client("codebuild").create_project(
            name=self.name,
            source={"type": "S3", "location": f"{self.name}/context.zip", "buildspec": BUILDSPEC},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={
                "type": "LINUX_CONTAINER",
                "image": "aws/codebuild/standard:7.0",
                "computeType": "BUILD_GENERAL1_SMALL",
                "environmentVariables": [{"name": "URI", "value": self.repository["repositoryUri"]}],
            },
            serviceRole=self.role,
            logsConfig={"cloudWatchLogs": {"status": "ENABLED", "groupName": self.group}},
        )

    def run(self) -> dict[str, object]:
        """Start a build and wait for its end; what BatchGetBuilds then says."""
        codebuild = self.cloud.client("codebuild")
        build_id = codebuild.start_build(projectName=self.name)["build"]["id"]
        wait_for(lambda: codebuild.batch_get_builds(ids=[build_id])["builds"][0]["buildComplete"], seconds=90)
        return dict(codebuild.batch_get_builds(ids=[build_id])["builds"][0])

    def lines(self, build: dict[str, object]) -> str:
        """The build's log."""
        stream = build["logs"]["streamName"]  # type: ignore[index]
        events = self.cloud.client("logs").get_log_events(logGroupName=self.group, logStreamName=stream)[
            "events"
        ]
        return "\n".join(event["message"] for event in events)
