"""The engine: what a service, a command or a test asks of executions.

One thread works (`serve`), or the caller's until nothing is left to do (`run_until_idle`). Everything else
may be called from any thread; what was accepted is written when a method returns.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence

from embedded.stepfunctions import arrivals
from embedded.stepfunctions.clock import Clock
from embedded.stepfunctions.failures import Ending
from embedded.stepfunctions.map_runs import MapRuns
from embedded.stepfunctions.model import ABORTED, Changes, Execution, MapRun, Strand
from embedded.stepfunctions.news import MapRunEnded
from embedded.stepfunctions.run import Run
from embedded.stepfunctions.store import Store
from embedded.stepfunctions.tasks import Report, Reporter, TaskRunner
from embedded.stepfunctions.turn import Outbox, Signal
from embedded.stepfunctions.worker import Listener, Worker

logger = logging.getLogger(__name__)

_TURNS_AT_ONCE = 64


class Engine:
    """Runs executions."""

    def __init__(
        self,
        *,
        store: Store,
        tasks: TaskRunner,
        clock: Clock,
        listeners: Sequence[Listener] = (),
        seed: int | None = None,
        at_once: int = _TURNS_AT_ONCE,
    ) -> None:
        """`seed` makes `$random`, `$uuid` and jitter repeatable; at most `at_once` turns are one write."""
        self.store = store
        self.clock = clock
        self._worker = Worker(store=store, tasks=tasks, clock=clock, seed=seed, at_once=at_once)
        self._worker.listeners.extend(listeners)
        self._worker.on_end = self._tell_who_waits
        self._worker.reporter = self._reporter
        self._map_runs = MapRuns(self)
        self._worker.on_map_runs_begun = self._map_runs.begin
        self._worker.on_map_run_dropped = self._map_runs.stop
        self._waiting: dict[str, list[Callable[[Execution], None]]] = {}
        self._changed = self._worker.changed
        self._closed = False

    def listen(self, listener: Listener) -> None:
        """Tell `listener` of every write, in order, after it was made."""
        self._worker.listeners.append(listener)

    def start(self, execution: Execution) -> None:
        """Write a new execution down, and let it begin."""
        run = Run(execution, [])
        with self._changed:
            arrivals.begin(run, self.clock.now())
            self._worker.take_up(run)
            self._worker.commit([(run, Outbox())])

    def stop(self, arn: str, error: str | None = None, cause: str | None = None) -> Execution | None:
        """End an execution as aborted; None where none of that ARN runs."""
        with self._changed:
            run = self._worker.runs.get(arn)
            if run is None or run.execution.has_ended:
                return None
            outbox = Outbox()
            self._worker.end(run, Ending(ABORTED, error, cause), outbox)
            self._worker.commit([(run, outbox)])
            return run.execution

    def redrive(self, arn: str) -> Execution:
        """Take up an execution that failed, at the states that failed."""
        with self._changed:
            execution = self.store.execution(arn)
            assert execution is not None  # noqa: S101 - the service checked it
            run = self._load(execution)
            arrivals.redrive(run, self.clock.now())
            self._worker.take_up(run)
            self._worker.commit([(run, Outbox())])
            self._map_runs.revive(run, redrive=True)
        return run.execution

    def update_map_run(self, arn: str, limits: Mapping[str, float]) -> bool:
        """Set limits of a Map Run, by their names in its record; False where it is not at work."""
        with self._changed:
            return self._map_runs.update(arn, limits)

    def resume(self) -> None:
        """Take up all that was unfinished when the last engine ended."""
        with self._changed:
            loaded = [self._load(execution) for execution in self.store.unfinished()]
            for run in loaded:
                self._worker.take_up(run)
                for strand in run.tasks():
                    self._worker.resume_task(run, strand)
            for run in loaded:
                self._map_runs.revive(run)
            for run in loaded:
                if self._is_dropped(run.execution):
                    self.stop(run.execution.arn)

    def report(self, arn: str, strand: int, number: int, report: Report) -> bool:
        """Take a report of a task; whether anybody waited for it."""
        return self._take(arn, strand, number, "report", (number, report))

    def heartbeat(self, arn: str, strand: int, number: int) -> bool:
        """Take a task's sign of life; whether anybody waited for it."""
        return self._take(arn, strand, number, "beat", number)

    def waits(self, arn: str, strand: int, number: int) -> Strand | None:
        """The strand that waits for a task, if it still does."""
        run = self._worker.runs.get(arn)
        found = run.strands.get(strand) if run else None
        return found if found and found.waits_for(number) else None

    def knows(self, arn: str) -> bool:
        """Whether there is, or was, an execution."""
        return arn in self._worker.runs or self.store.execution(arn) is not None

    def when_ended(self, arn: str, tell: Callable[[Execution], None]) -> None:
        """Call `tell` once an execution has ended; at once if it has."""
        with self._changed:
            if arn in self._worker.runs:
                self._waiting.setdefault(arn, []).append(tell)
                return
        found = self.store.execution(arn)
        if found is not None:
            tell(found)

    def call_later(self, seconds: float, act: Callable[[], None]) -> None:
        """Call `act` in the engine's thread when its clock has gone on by `seconds`."""
        with self._changed:
            self._worker.agenda.push_at(self.clock.now() + seconds, act)

    def running(self, arn: str) -> Execution | None:
        """An unfinished execution."""
        run = self._worker.runs.get(arn)
        return run.execution if run else None

    def serve(self) -> None:
        """Work in a thread of its own until `close`."""
        threading.Thread(target=self._serve, daemon=True, name="states").start()

    def close(self) -> None:
        """Stop working; what is unfinished stays so."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def run_until_idle(self) -> None:
        """Work until all executions ended or wait for what only others can do."""
        while self._step(forever=False):
            pass

    def save(self, changes: Changes) -> None:
        """Write something down that belongs to no turn."""
        self._worker.save([changes])

    def children(self, map_run_arn: str) -> list[Execution]:
        """The child executions of a Map Run."""
        return [self.running(one.arn) or one for one in self.store.children(map_run_arn)]

    def tell(self, map_run: MapRun, ended: MapRunEnded) -> None:
        """Say to the state of a Map Run that it is over."""
        self._worker.agenda.push(Signal(map_run.execution_arn, map_run.strand, "map_run", ended))

    def now(self) -> float:
        """Seconds since 1970, by the engine's clock."""
        return self.clock.now()

    def _serve(self) -> None:
        while not self._closed:
            try:
                self._step(forever=True)
            except Exception:  # The thread of all executions does not end with the mistake of one.
                logger.exception("the engine goes on after a mistake outside of a turn")

    def _step(self, *, forever: bool) -> bool:
        """Handle what waits, or wait for something; False where nothing will come by itself."""
        worker = self._worker
        with self._changed:
            if worker.agenda.is_due:
                worker.work()
                return True
            # Timers of executions that ended are left where they are: nobody waits for them.
            awaited = bool(worker.runs) and (worker.others_work or worker.agenda.has_timers)
            wait = (forever or awaited) and not self._closed
            if wait:
                worker.agenda.wait(others_work=worker.others_work)
            return wait

    def _take(self, arn: str, strand: int, number: int, kind: str, news: object) -> bool:
        """Take what comes from outside in its turn, and write it before it is acknowledged.

        What is ahead of it may end the task: then nobody waits for it any more when its turn comes.
        """
        agenda, taken = self._worker.agenda, threading.Event()
        signal = Signal(arn, strand, kind, news, taken.set)
        with self._changed:
            if self.waits(arn, strand, number) is None:
                return False
            agenda.push(signal)
            while agenda.holds(signal):
                self._worker.work()
            return taken.is_set()

    def _reporter(self, arn: str, strand: int, number: int) -> Reporter:
        def report(news: Report) -> None:
            with self._changed:
                self._worker.has_answered(arn, number)
                if self.waits(arn, strand, number) is not None:
                    self._worker.agenda.push(Signal(arn, strand, "report", (number, news)))

        return report

    def _tell_who_waits(self, execution: Execution) -> None:
        for tell in self._waiting.pop(execution.arn, ()):
            tell(execution)
        self._map_runs.note_end(execution)

    def _is_dropped(self, execution: Execution) -> bool:
        """Whether it is of a Map Run whose end was written, but not yet its own."""
        map_run = self.store.map_run(execution.map_run_arn) if execution.map_run_arn else None
        return map_run is not None and map_run.status == ABORTED

    def _load(self, execution: Execution) -> Run:
        run = Run(execution, self.store.strands(execution.arn))
        run.map_runs = {one.arn: one for one in self.store.map_runs(execution.arn)}
        return run
