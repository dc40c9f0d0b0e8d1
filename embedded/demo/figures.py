"""`build/demo/summary.json`: every figure in it was read from the systems."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from embedded.demo import flights
from sluiceway.gateways.records import RunRecord

PATH = Path("build") / "demo" / "summary.json"


class RunFigures(BaseModel):
    """One run of the demo."""

    id: str
    trigger: str
    status: str
    code_version: str | None
    dataset_version: str | None
    image_digest: str | None
    model_version: str | None
    seconds: float
    transitions: int
    """State transitions of Step Functions, nested executions included."""
    images_built: int
    unchanged: bool
    """True where its inputs had been run before, so that nothing was trained."""


class Summary(BaseModel):
    """What the demo did."""

    seconds: float
    stages: dict[str, float]
    runs: list[RunFigures]
    mlflow_url: str
    endpoint: str
    prediction: Any
    requests_during_update: int
    failed_requests_during_update: int
    slowest_request_during_update: float
    second_push_to_updated_endpoint: float | None
    """Seconds from the upload of the second month to the endpoint's serving its model."""
    scores: dict[str, dict[str, float | None]]
    """Challenger and champion of the second run, on the same held-out rows."""
    metrics_parquet: str
    datapoints: int


def write(summary: Summary, path: Path = PATH) -> Path:
    """Write the summary as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(summary.model_dump_json(indent=2) + "\n")
    return path


@dataclass
class Stopwatch:
    """Seconds of each stage of the demo, and of all."""

    started: float = field(default_factory=time.monotonic)
    stages: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def time(self, name: str) -> Iterator[None]:
        """Time a block under a name."""
        begun = time.monotonic()
        try:
            yield
        finally:
            self.stages[name] = round(time.monotonic() - begun, 2)

    @property
    def seconds(self) -> float:
        """Since the demo began."""
        return round(time.monotonic() - self.started, 2)


def run_figures(
    run: RunRecord, *, seconds: float, transitions: int, images_built: int, is_new: bool
) -> RunFigures:
    """A run as the summary tells it."""
    return RunFigures(
        id=run.run_id,
        trigger=run.trigger,
        status=run.status,
        code_version=run.code_version,
        dataset_version=run.dataset_versions.get(flights.DATASET),
        image_digest=run.image_digest,
        model_version=run.model_version,
        seconds=round(seconds, 2),
        transitions=transitions,
        images_built=images_built,
        unchanged=not is_new,
    )
