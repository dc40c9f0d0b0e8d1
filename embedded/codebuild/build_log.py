"""Where a build's lines go: to CloudWatch Logs as they come, and to one object in S3 at its end.

Source: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_LogsConfig.html
"""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from embedded.codebuild.model import Build
from embedded.log_stream import LogStream


class BuildLog:
    """The log of one build, written under its role."""

    def __init__(self, build: Build, client: Callable[[str], Any], path: Path) -> None:
        """`client(service)` is under the build's role; `path` keeps the lines for S3."""
        self._build = build
        self._client = client
        self._path = path
        self._stream: LogStream | None = None

    def open(self) -> None:
        """Create the stream, and its group where there is none; raises ClientError where it may not."""
        if self._build.log_group is not None:
            self._stream = self._opened(self._build.log_group)

    def write(self, line: str) -> None:
        """Take one line."""
        if self._stream is not None:
            self._stream.write(line)
        if self._build.s3_logs is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")

    def close(self) -> None:
        """Return when all lines are in CloudWatch Logs."""
        if self._stream is not None:
            self._stream.close()

    def upload(self) -> None:
        """Put `<prefix>/<build's id>.gz` where the build wants its log in S3, if it has written any."""
        if self._build.s3_logs is None or not self._path.exists():
            return
        bucket, _, prefix = self._build.s3_logs.removeprefix("arn:aws:s3:::").partition("/")
        key = f"{prefix.strip('/')}/{self._build.id.rpartition(':')[2]}.gz".lstrip("/")
        body = gzip.compress(self._path.read_bytes())
        self._client("s3").put_object(Bucket=bucket, Key=key, Body=body)

    def _opened(self, group: str) -> LogStream:
        stream = LogStream(self._client("logs"), group, self._build.log_stream)
        try:
            return stream.open()
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
        self._client("logs").create_log_group(logGroupName=group)
        return stream.open()
