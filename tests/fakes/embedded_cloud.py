"""An embedded cloud without a server: processes are real, services are kept in memory."""

import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from embedded.authority import AccessDenied
from tests.fakes.ecr import FakeEcr

# What package installers need to reach their index.
_KEPT = ("PATH", "HOME", "SSL_", "PIP_", "UV_", "HTTP", "http")

HOST = "000000000000.dkr.ecr.us-east-1.amazonaws.com"


class FakeLogs:
    """CloudWatch Logs: lines by stream, which must be created first, in groups that exist."""

    class exceptions:  # noqa: N801
        """As boto3 has them."""

        class ResourceAlreadyExistsException(Exception):
            """The stream is there."""

    def __init__(self) -> None:
        self.lines: dict[str, list[str]] = {}
        self.changed = threading.Condition()

    def create_log_stream(self, **call: str) -> None:
        if call["logStreamName"] in self.lines:
            raise self.exceptions.ResourceAlreadyExistsException
        self.lines[call["logStreamName"]] = []

    def put_log_events(self, **call: Any) -> None:
        with self.changed:
            self.lines[call["logStreamName"]] += [event["message"] for event in call["logEvents"]]
            self.changed.notify_all()


class FakeCloud:
    """What services need of the cloud.

    `denied` holds the actions that no role may do, `untrusted` the services that no role trusts.
    """

    region = "us-east-1"
    account_id = "000000000000"

    def __init__(self, state_dir: Path, **clients: Any) -> None:
        self.state_dir = state_dir
        kept = {key: value for key, value in os.environ.items() if key.startswith(_KEPT)}
        self.child_environment: Mapping[str, str] = kept | {"AWS_REGION": self.region}
        self.denied: set[str] = set()
        self.untrusted: set[str | None] = set()
        self.logs = FakeLogs()
        self.ecr = FakeEcr("env")
        self.clients: dict[str, Any] = {"logs": self.logs, "ecr": self.ecr, **clients}

    def credentials(
        self, role_arn: str, session_name: str, *, service: str | None = None, source_arn: str = ""
    ) -> dict[str, str]:
        if service in self.untrusted:
            raise AccessDenied(role_arn, "sts:AssumeRole", role_arn)
        return {"AWS_ACCESS_KEY_ID": f"{role_arn}/{session_name}"}

    def client(self, service: str, **_settings: Any) -> Any:
        return self.clients[service]

    def check(self, role_arn: str, action: str, resource: str, *, context: Any = None) -> None:
        if action in self.denied:
            raise AccessDenied(role_arn, action, resource)

    def spawn(
        self,
        argv: Sequence[Any],
        *,
        env: Mapping[str, str],
        cwd: Path,
        stdout: Any,
        stderr: Any = subprocess.STDOUT,
    ) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(argv, env=dict(env), cwd=cwd, stdout=stdout, stderr=stderr, process_group=0)
