"""`sluice logs`: what the jobs of a run wrote."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import typer

from sluiceway.cli.completion import complete_run
from sluiceway.cli.finding import find_run, nearest
from sluiceway.cli.jobs import METRICS_LINE, Job, LogLine, LogTail, jobs_of
from sluiceway.cli.stage import DEFAULT_STAGE, Stage, StageOption, open_stage
from sluiceway.errors import NotFound

POLL_SECONDS = 1.0


def logs(
    run: Annotated[
        str | None,
        typer.Argument(help="run, project, or none for the latest run", autocompletion=complete_run),
    ] = None,
    step: Annotated[str | None, typer.Option("--step", help="only of this step's job")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="go on until the run has ended")] = False,
    stage: StageOption = DEFAULT_STAGE,
) -> None:
    """Print the logs of a run's jobs, in the order in which they ran."""
    opened = open_stage(stage)
    run_id = find_run(opened.ledger, run).run_id
    several = step is None
    for line in read_logs(opened, run_id, step=step, follow=follow):
        if line.text.startswith(METRICS_LINE):
            continue
        typer.echo(_text(line, named=several))


def read_logs(stage: Stage, run_id: str, *, step: str | None, follow: bool) -> Iterator[LogLine]:
    """Lines of the run's jobs; when followed, until the run has ended and its last line was read."""
    tail = LogTail.of(stage)
    while True:
        ended = stage.ledger.run(run_id).ended
        yield from tail.read(_chosen(jobs_of(stage, run_id), step, may_come=follow and not ended))
        if ended or not follow:
            return
        time.sleep(POLL_SECONDS)


def _chosen(jobs: list[Job], step: str | None, *, may_come: bool) -> list[Job]:
    if step is None:
        return jobs
    chosen = [job for job in jobs if job.name == step]
    if not chosen and not may_come:
        names = [job.name for job in jobs]
        raise NotFound(
            f"the run has no job {step!r}{nearest(step, names)}; its jobs: {', '.join(names) or 'none yet'}"
        )
    return chosen


def _text(line: LogLine, *, named: bool) -> str:
    moment = datetime.fromtimestamp(line.at / 1000, UTC).strftime("%H:%M:%S")
    return f"{moment} {line.job}: {line.text}" if named else f"{moment} {line.text}"
