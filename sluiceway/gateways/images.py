"""ECR, where environment images lie, and the build logs that tell why one could not be made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import ClientError

from sluiceway.gateways.aws_errors import asking, error_code

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_logs import CloudWatchLogsClient


@dataclass(frozen=True)
class PushedImage:
    """An image in the repository, pinned by its digest."""

    digest: str
    uri: str
    """`<registry>/<repository>@sha256:…`"""


class Images(Protocol):
    """The repository of environment images."""

    def find(self, tag: str) -> PushedImage | None:
        """The image with this tag, where it was pushed."""


class BuildLogs(Protocol):
    """What builds printed."""

    def tail(self, group: str, stream: str, lines: int) -> tuple[str, ...]:
        """The last lines; none where the build wrote no log."""


class EcrImages:
    """`Images` in an ECR repository."""

    def __init__(self, client: ECRClient, repository: str) -> None:
        self._client = client
        self._repository = repository

    def find(self, tag: str) -> PushedImage | None:
        """The image with this tag, where it was pushed."""
        try:
            with asking("ECR", f"DescribeImages {self._repository}:{tag}"):
                answer = self._client.describe_images(
                    repositoryName=self._repository, imageIds=[{"imageTag": tag}]
                )
        except ClientError as error:
            if error_code(error) == "ImageNotFoundException":
                return None
            raise
        found = answer["imageDetails"][0]
        return PushedImage(found["imageDigest"], self._uri(found["registryId"], found["imageDigest"]))

    def _uri(self, registry: str, digest: str) -> str:
        # ECR serves each region under this name; China's partition has a suffix of its own.
        region = self._client.meta.region_name
        suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        return f"{registry}.dkr.ecr.{region}.{suffix}/{self._repository}@{digest}"


class CloudWatchBuildLogs:
    """`BuildLogs` in CloudWatch Logs."""

    def __init__(self, client: CloudWatchLogsClient) -> None:
        self._client = client

    def tail(self, group: str, stream: str, lines: int) -> tuple[str, ...]:
        """The last lines; none where the build wrote no log."""
        try:
            with asking("CloudWatch Logs", f"GetLogEvents {group} {stream}"):
                events = self._client.get_log_events(
                    logGroupName=group, logStreamName=stream, limit=lines, startFromHead=False
                )["events"]
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return ()
            raise
        return tuple(event["message"].rstrip() for event in events)
