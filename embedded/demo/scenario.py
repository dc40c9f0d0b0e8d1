"""The demo's plot: two pushes, a served model, its update under load, its metrics."""

import json
from dataclasses import dataclass, field
from datetime import datetime

from rich.console import Console

from embedded import deployment, lifecycle
from embedded.demo import flights, operator, readback
from embedded.demo.figures import RunFigures, Stopwatch, Summary, run_figures
from embedded.demo.load import Count, keep_asking
from embedded.demo.pushes import Push, months_there, push
from embedded.demo.story import Story
from sluiceway.cli.export import run_export
from sluiceway.cli.finding import find_endpoint
from sluiceway.cli.invoke import ask
from sluiceway.cli.models import browser_url
from sluiceway.cli.progress import Snapshot, follow_run
from sluiceway.cli.progress_view import show_progress
from sluiceway.cli.push import pack_code
from sluiceway.cli.scores import read_scores
from sluiceway.cli.stage import Stage
from sluiceway.errors import PermanentError

EXPORTED_MINUTES = 60


class RunEndedBadly(PermanentError):
    """A run of the demo failed; its recorded reason says why."""


@dataclass
class Demo:
    """One performance."""

    console: Console
    watch: Stopwatch = field(default_factory=Stopwatch)
    runs: list[RunFigures] = field(default_factory=list)

    def play(self) -> Summary:
        """From nothing, or from a cloud that is up, to a summary; raises where a run fails."""
        story = Story(self.console)
        clients = self._cloud(story)
        stage = operator.open_stage(clients)
        month = min(months_there(stage) + 1, flights.MONTHS)
        first = self._first(stage, story, month)
        body = _rows(stage, first)
        prediction = json.loads(ask(stage, flights.PROJECT, body, "application/json"))
        story.predicted(body, prediction)
        second, count = self._second(stage, clients, story, month=min(month + 1, flights.MONTHS), body=body)
        scores = read_scores(stage, second.run)
        story.compared(scores, second.run, count)
        endpoint = find_endpoint(stage.ledger, flights.PROJECT)
        with self.watch.time("export metrics"):
            done = run_export(stage, {"minutes": EXPORTED_MINUTES})
        table = readback.metrics(stage, done)
        story.exported(table, done)
        return Summary(
            seconds=self.watch.seconds,
            stages=self.watch.stages,
            runs=self.runs,
            mlflow_url=browser_url(stage),
            endpoint=endpoint.endpoint,
            prediction=prediction,
            requests_during_update=count.requests,
            failed_requests_during_update=count.failed,
            slowest_request_during_update=round(count.slowest, 3),
            second_push_to_updated_endpoint=_seconds_to_live(second, endpoint.run_id, endpoint.moved_at),
            scores={score.role: score.metrics for score in scores},
            metrics_parquet=done.parquet_uri,
            datapoints=len(table),
        )

    def _cloud(self, story: Story) -> operator.Clients:
        story.chapter("Start the embedded cloud, deploy the stacks")
        with self.watch.time("start the cloud"), story.busy("starting AWS and MLflow on this machine"):
            status = lifecycle.up()
        with self.watch.time("deploy the stacks"), story.busy("cdk bootstrap, cdk deploy --all"):
            deployment.deploy()
        story.started(status, self.watch.stages)
        return operator.operator_clients()

    def _first(self, stage: Stage, story: Story, month: int) -> Push:
        story.chapter(f"Push the project {flights.PROJECT} and month {month} of 2013: two uploads")
        with self.watch.time("fetch the flights"), story.busy("fetching real flights"):
            for needed in (month, min(month + 1, flights.MONTHS)):
                flights.fetch(needed)
        with self.watch.time("first run"):
            pushed = push(stage, month=month, code=pack_code(flights.FOLDER), with_code=True)
            return self._see_through(stage, story, pushed)

    def _second(
        self, stage: Stage, clients: operator.Clients, story: Story, *, month: int, body: bytes
    ) -> tuple[Push, Count]:
        """The endpoint is asked without pause, and without retries that would hide a failure."""
        story.chapter(f"Push month {month}: one upload, while the endpoint is being asked")
        endpoint = find_endpoint(stage.ledger, flights.PROJECT).endpoint
        client = clients("sagemaker-runtime", retries={"total_max_attempts": 1})
        with self.watch.time("second run"), keep_asking(client, endpoint, body) as count:
            pushed = push(stage, month=month, code=pack_code(flights.FOLDER), with_code=False)
            return self._see_through(stage, story, pushed), count

    def _see_through(self, stage: Stage, story: Story, pushed: Push) -> Push:
        if not pushed.is_new:
            story.unchanged(pushed.run)
        last = show_progress(follow_run(stage, pushed.run.run_id), self.console)
        if last.run.status == "FAILED":
            raise RunEndedBadly(f"run {last.run.run_id} failed: {last.run.reason}")
        self.runs.append(_figures(last, is_new=pushed.is_new))
        return Push(pushed.at, pushed.month, last.run, pushed.is_new)


def _figures(last: Snapshot, *, is_new: bool) -> RunFigures:
    return run_figures(
        last.run,
        seconds=last.seconds,
        transitions=last.transitions,
        images_built=sum(state.name == "BuildImage" for state in last.states),
        is_new=is_new,
    )


def _rows(stage: Stage, pushed: Push) -> bytes:
    """Held-out flights, as the evaluation kept them: the body of a request."""
    found = read_scores(stage, pushed.run)
    if not found:
        raise PermanentError(f"run {pushed.run.run_id} left no evaluation to take rows from")
    return found[0].sample_request.encode()


def _seconds_to_live(pushed: Push, live_run: str, moved_at: str) -> float | None:
    """From the upload to the endpoint's serving the run's model; None where it serves another's."""
    if live_run != pushed.run.run_id or not pushed.is_new:
        return None
    return round((datetime.fromisoformat(moved_at) - pushed.at).total_seconds(), 2)
