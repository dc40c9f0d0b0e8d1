"""CodeBuild with real processes, in a cloud without a server."""

import io
import zipfile
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from embedded.codebuild.service import CodeBuild
from embedded.wire import Caller
from tests.fakes.embedded_cloud import FakeCloud

ROLE = "arn:aws:iam::000000000000:role/r"
CALLER = Caller("test", "arn:aws:iam::000000000000:root", "000000000000", "us-east-1")


class FakeS3:
    """Objects by bucket/key."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def get_object(self, **call: str) -> dict[str, Any]:
        path = f"{call['Bucket']}/{call['Key']}"
        if path not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": path}}, "GetObject")
        return {"Body": io.BytesIO(self.objects[path])}

    def put_object(self, **call: Any) -> None:
        self.objects[f"{call['Bucket']}/{call['Key']}"] = call["Body"]


class Service:
    """CodeBuild with one project, called as the API is."""

    def __init__(self, state_dir: Path, *, minute: float = 60) -> None:
        self.s3 = FakeS3()
        self.cloud = FakeCloud(state_dir, s3=self.s3)
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.metrics: list[tuple[str, float, str, dict[str, str]]] = []
        self.codebuild = CodeBuild(
            self.cloud,
            lambda kind, detail, _arns: self.events.append((kind, dict(detail))),
            put_metric=lambda *metric: self.metrics.append(metric),
            minute=minute,
        )

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        return dict(self.codebuild.operations[operation](params, CALLER))

    def create(self, buildspec: str = "", **source: str) -> None:
        self.call(
            "CreateProject",
            name="p",
            source={"type": "NO_SOURCE", "buildspec": buildspec, **source},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={
                "type": "LINUX_CONTAINER",
                "image": "i",
                "computeType": "BUILD_GENERAL1_SMALL",
                "environmentVariables": [{"name": "MINE", "value": "project"}],
            },
            serviceRole=ROLE,
        )

    def build(self, **params: Any) -> dict[str, Any]:
        build_id = self.call("StartBuild", projectName="p", **params)["build"]["id"]
        self.codebuild.builds.book.wait_for(build_id, lambda build: build.is_complete)
        return dict(self.call("BatchGetBuilds", ids=[build_id])["builds"][0])

    def lines(self, build: dict[str, Any]) -> list[str]:
        found = self.cloud.logs.lines[build["logs"]["streamName"]]
        return [line for line in found if not line.startswith("[Container]")]


def zipped(files: dict[str, str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return target.getvalue()


def statuses(build: dict[str, Any]) -> dict[str, str]:
    return {phase["phaseType"]: phase.get("phaseStatus", "") for phase in build["phases"]}
