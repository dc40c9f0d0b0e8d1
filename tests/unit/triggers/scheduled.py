"""A project with one schedule in memory: its moments, its runs, and what is told of their ends."""

from datetime import UTC, datetime, timedelta

from sluiceway.gateways.ledger import EventRecord, RunRecord
from sluiceway.schedules.resume_schedule import resume_schedule
from sluiceway.training.run_finished import run_finished
from sluiceway.triggers.contracts import RunFinished, ScheduleFired
from tests.fakes.samples import SLUICE_YAML
from tests.fakes.world import World

FIRST = datetime(2026, 11, 21, 6, tzinfo=UTC)
PROJECT = "flight-delay"


class Scheduled(World):
    """A world with a schedule; the run of the push has ended."""

    def __init__(self, settings: str) -> None:
        super().__init__()
        self.deliver(self.push_data())
        self.deliver(self.push_code(sluice_yaml=f"{SLUICE_YAML}schedule: {{name: often, {settings}}}\n"))
        (run,) = self.ledger.runs()
        self.finish(run, "SUCCEEDED")
        self.pushed = run
        self.told = len(self.events.published)

    def moment(self, number: int) -> ScheduleFired:
        at = f"{FIRST + timedelta(hours=number):%Y-%m-%dT%H:%M:%SZ}"
        return ScheduleFired(
            event_id=f"{PROJECT}.often.{at}", project=PROJECT, schedule="often", scheduled_at=at
        )

    def fire(self, number: int) -> EventRecord:
        return self.request(self.moment(number))[0]

    def runs(self) -> list[RunRecord]:
        return [run for run in self.ledger.runs(limit=None) if run.schedule]

    def going(self) -> list[RunRecord]:
        return [run for run in self.runs() if not run.ended]

    def end_started(self) -> None:
        """What goes on comes to its end; what was never started cannot."""
        for run in self.going():
            if run.run_id in self.executions.started:
                self.finish(run, "SUCCEEDED")

    def end(self, run_id: str | None) -> RunFinished:
        """A run ends, and the bus is told."""
        self.finish(self.ledger.run(run_id or ""), "SUCCEEDED")
        return run_finished(self.ledger.run(run_id or ""))

    def resume(self, finished: RunFinished) -> list[EventRecord]:
        """Deliver the end of a run, and what follows from it on the bus."""
        seen = len(self.events.published)
        resume_schedule(finished, ledger=self.ledger, events=self.events)
        return [record for event in self.events.published[seen:] for record in self.request(event)]


ALWAYS = "cron: 0 * * * *, always: true"
