"""A deployed stage as its users see it: two buckets, a ledger and endpoints, under the operator's role."""

import io
import json
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from sluiceway.gateways.dynamodb import DynamoTable
from sluiceway.gateways.ledger import Ledger, RunRecord
from tests.embedded.conftest import CloudSession, wait_for

PROBE = Path(__file__).parent / "probe"
FLIGHT_DELAY = Path(__file__).parents[2] / "projects" / "flight_delay"
RUN_SECONDS = 240
"""The first run of a cloud builds an image."""


@dataclass(frozen=True)
class Stage:
    """The stage `local` in a running cloud."""

    cloud: CloudSession
    settings: Mapping[str, str]
    deployed_at: float = field(default_factory=time.time)
    """When its deployment began, which roles take part in."""

    @cached_property
    def _operator(self) -> dict[str, str]:
        return self.cloud.assume(self.settings["operator_role_arn"])

    def client(self, service: str) -> Any:
        """A boto3 client under the operator's role."""
        return self.cloud.client(service, self._operator)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger, read under the operator's role."""
        return Ledger(DynamoTable(self.client("dynamodb"), self.settings["ledger_table"]))

    def put(self, key: str, body: bytes) -> None:
        """One plain upload, as `aws s3 cp` does it."""
        self.client("s3").put_object(Bucket=self.settings["uploads_bucket"], Key=key, Body=body)

    def runs(self, project: str) -> list[RunRecord]:
        """A project's runs, newest first."""
        return list(self.ledger.runs(project=project))

    def next_run(self, project: str, act: Callable[[], None]) -> RunRecord:
        """Do something, and wait for the end of the one run that it starts."""
        before = {run.run_id for run in self.runs(project)}
        act()

        def ended() -> list[RunRecord]:
            return [run for run in self.runs(project) if run.run_id not in before and run.ended]

        wait_for(lambda: bool(ended()), seconds=RUN_SECONDS)
        return ended()[0]

    def invoke(self, endpoint: str, rows: Mapping[str, Any]) -> Any:
        """What the endpoint answers to rows in MLflow's `dataframe_split` form."""
        answer = self.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=endpoint, ContentType="application/json", Body=json.dumps({"dataframe_split": rows})
        )
        return json.loads(answer["Body"].read())


def probe_archive(changes: Mapping[str, str | None] | None = None) -> bytes:
    """The probe project as a zip, with some files replaced, added, or (None) left out."""
    files = {path.name: path.read_text() for path in sorted(PROBE.iterdir()) if path.is_file()}
    # The same environment as the example's: one image serves both.
    files |= {name: (FLIGHT_DELAY / name).read_text() for name in ("python_env.yaml", "requirements.txt")}
    files |= {name: text for name, text in (changes or {}).items() if text is not None}
    left_out = {name for name, text in (changes or {}).items() if text is None}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            if name not in left_out:
                archive.writestr(name, text)
    return buffer.getvalue()


def replaced(name: str, old: str, new: str) -> dict[str, str]:
    """A change of one file of the probe project."""
    text = (PROBE / name).read_text()
    assert old in text
    return {name: text.replace(old, new)}


def points(rows: int, *, offset: int = 0) -> bytes:
    """Points on both sides of a line, as CSV."""
    lines = ["x,y,label"]
    for index in range(offset, offset + rows):
        x, y = index % 17 / 17, index % 23 / 23
        lines.append(f"{x:.4f},{y:.4f},{int(x > y)}")
    return "\n".join(lines).encode()
