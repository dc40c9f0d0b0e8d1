"""What the demo says while it goes on: chapters, tables, and an end that tells how to look around."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from embedded.demo import readback
from embedded.demo.figures import Summary
from embedded.demo.load import Count
from embedded.lifecycle import Status
from sluiceway.gateways.records import RunRecord
from sluiceway.metrics.contracts import FinishExportOutput
from sluiceway.training.contracts import Score

SHOWN_METRICS = 4
"""of each namespace"""


@dataclass
class Story:
    """Tells on a console; without a terminal in plain lines."""

    console: Console
    _number: int = 0

    def chapter(self, title: str) -> None:
        """Begin a chapter."""
        self._number += 1
        self.console.print()
        self.console.print(f"[bold]{self._number}  {title}[/bold]")

    @contextmanager
    def busy(self, what: str) -> Iterator[None]:
        """Something without progress of its own: a spinner on a terminal, one line elsewhere."""
        if self.console.is_terminal:
            with self.console.status(what):
                yield
        else:
            self.console.print(f"{what} …", markup=False)
            yield

    def started(self, status: Status, stages: Mapping[str, float]) -> None:
        """The cloud answers and the stacks are deployed."""
        self.console.print(f"AWS at {status.endpoint_url}, MLflow at {status.tracking_uri}", highlight=False)
        self.console.print(", ".join(f"{name}: {seconds:.1f} s" for name, seconds in stages.items()))

    def unchanged(self, run: RunRecord) -> None:
        """The same inputs as a run before."""
        self.console.print(
            f"unchanged: the same code and data as run {run.run_id}, so nothing is trained "
            "(`make clean` begins anew with January)",
            markup=False,
        )

    def predicted(self, body: bytes, prediction: Any) -> None:
        """A first answer of the endpoint."""
        flight = _first_row(json.loads(body))
        answers = prediction.get("predictions", prediction) if isinstance(prediction, dict) else prediction
        first = answers[0] if isinstance(answers, list) and answers else answers
        self.console.print(
            f"asked: {flight}", markup=False, highlight=False, overflow="ellipsis", no_wrap=True
        )
        self.console.print(f"answered: {first}", markup=False)

    def compared(self, scores: Sequence[Score], run: RunRecord, count: Count) -> None:
        """Challenger and champion on the same rows, and what the endpoint went through meanwhile."""
        table = Table("model", "version", box=None, pad_edge=False, header_style="bold")
        names = sorted({name for score in scores for name in score.metrics})
        for name in (*names, "rows"):
            table.add_column(name, justify="right")
        for score in scores:
            figures = [_figure(score.metrics.get(name)) for name in names]
            version = score.model_version or run.model_version or "–"
            table.add_row(score.role, version, *figures, f"{score.rows:,}")
        self.console.print(table)
        self.console.print(f"gate: {run.gate or run.reason or '–'}", markup=False)
        self.console.print(
            f"{count.requests:,} requests during the update, {count.failed} failed; "
            f"the slowest took {count.slowest * 1000:.0f} ms"
        )
        for failure, times in count.failures.most_common(3):
            self.console.print(f"  {times} × {failure}", markup=False)

    def exported(self, table: Any, done: FinishExportOutput) -> None:
        """Metrics, read back from Parquet."""
        self.chapter("Export CloudWatch's metrics, and read them back from Parquet")
        shown = Table("namespace", "metric", box=None, pad_edge=False, header_style="bold")
        shown.add_column("points", justify="right")
        shown.add_column("sum", justify="right")
        totals = readback.totals(table)
        chosen = [row for _, rows in groupby(totals, key=itemgetter(0)) for row in list(rows)[:SHOWN_METRICS]]
        for namespace, metric, points, total in chosen:
            shown.add_row(namespace, metric, f"{points:,}", f"{total:,.1f}")
        self.console.print(shown)
        left = len(totals) - len(chosen)
        more = f", and {left} metrics more" if left > 0 else ""
        self.console.print(f"{len(table):,} data points in {done.bytes:,} bytes{more}: {done.parquet_uri}")

    def ending(self, summary: Summary, path: Any) -> None:
        """What happened, how to look at it, how to stop."""
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column(style="bold")
        table.add_column(justify="right")
        for name, seconds in summary.stages.items():
            table.add_row(name, f"{seconds:.1f} s")
        table.add_row("all", f"{summary.seconds:.1f} s")
        self.console.print()
        self.console.print(table)
        self.console.print(Panel("\n".join(_outcome(summary, path)), title="what stands now", expand=False))


def _outcome(summary: Summary, path: Any) -> Iterator[str]:
    for run in summary.runs:
        model = f"model version {run.model_version}" if run.model_version else "no model"
        built = "image built" if run.images_built else "nothing built"
        note = "unchanged" if run.unchanged else built
        yield f"{run.id}  {run.status}  {model}, {note}, {run.transitions} transitions, {run.seconds:.1f} s"
    if summary.second_push_to_updated_endpoint is not None:
        yield f"second push to updated endpoint: {summary.second_push_to_updated_endpoint:.1f} s"
    yield f"endpoint {summary.endpoint}, MLflow {summary.mlflow_url}"
    yield f"metrics {summary.metrics_parquet}"
    yield f"figures {path}"
    yield ""
    yield 'look around:  eval "$(sluice local env)"  and then  sluice runs, sluice models, aws s3 ls, boto3 …'
    yield "stop it:      make down"


def _first_row(body: Any) -> str:
    split = body.get("dataframe_split", {}) if isinstance(body, dict) else {}
    pairs = zip(split.get("columns", []), (split.get("data") or [[]])[0], strict=False)
    return ", ".join(f"{name}={value}" for name, value in pairs)


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
