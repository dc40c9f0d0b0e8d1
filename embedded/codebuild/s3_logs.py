"""A build's log as one object in S3, beside or instead of CloudWatch Logs.

Source: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_S3LogsConfig.html
"""

import gzip
from pathlib import Path
from typing import Any


class LogFile:
    """Gathers the lines of a build, and uploads them compressed at its end."""

    def __init__(self, path: Path, location: str) -> None:
        """`location` is `bucket/prefix`, as the project has it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file = path.open("w", encoding="utf-8")
        self._bucket, _, prefix = location.removeprefix("arn:aws:s3:::").partition("/")
        self._prefix = prefix.strip("/")

    def write(self, line: str) -> None:
        """Take one line."""
        self._file.write(line + "\n")

    def upload(self, s3: Any, name: str) -> None:
        """Put `<prefix>/<name>.gz`."""
        self._file.close()
        body = gzip.compress(self._path.read_bytes())
        s3.put_object(Bucket=self._bucket, Key=f"{self._prefix}/{name}.gz".lstrip("/"), Body=body)
