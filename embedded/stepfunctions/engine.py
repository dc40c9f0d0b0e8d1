"""The engine: takes each execution from signal to signal, and writes every turn before it acts on it.

One thread works (`serve`), or the caller's until nothing is left to do (`run_until_idle`). Everything else
may be called from any thread.
"""

import logging
import random
import threading
from collections.abc import Callable, Sequence

from embedded.stepfunctions import arrivals, flow, task_calls
from embedded.stepfunctions.agenda import Agenda
from embedded.stepfunctions.clock import Clock
from embedded.stepfunctions.failures import RUNTIME, Ending, StateFailure
from embedded.stepfunctions.map_runs import MapRuns
from embedded.stepfunctions.model import (
    ABORTED,
    FAILED,
    MAP_RUN,
    TASK,
    TIMED_OUT,
    Changes,
    Execution,
    MapRun,
    Strand,
)
from embedded.stepfunctions.news import MapRunEnded
from embedded.stepfunctions.run import Run
from embedded.stepfunctions.store import Store
from embedded.stepfunctions.tasks import Report, Reporter, Submitted, TaskCall, TaskRunner
from embedded.stepfunctions.turn import Outbox, Signal, Turn

logger = logging.getLogger(__name__)

Listener = Callable[[Changes], None]
_STORE_SECONDS = 1.0


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
    ) -> None:
        """`seed` makes `$random`, `$uuid` and jitter repeatable."""
        self.store = store
        self.clock = clock
        self._tasks = tasks
        self._listeners = list(listeners)
        self._random = random.Random(seed)  # noqa: S311 - what `$random` and jitter draw from
        self._runs: dict[str, Run] = {}
        self._waiting: dict[str, list[Callable[[Execution], None]]] = {}
        self._map_runs = MapRuns(self)
        self._in_flight: set[tuple[str, int]] = set()
        self._changed = threading.Condition(threading.RLock())
        self._agenda = Agenda(clock, self._changed)
        self._closed = False

    def listen(self, listener: Listener) -> None:
        """Tell `listener` of every turn, in order, after it was written."""
        self._listeners.append(listener)

    def start(self, execution: Execution) -> None:
        """Write a new execution down, and let it begin."""
        run = Run(execution, [])
        with self._changed:
            arrivals.begin(run, self.clock.now())
            self._runs[execution.arn] = run
            self._take_up(run)
            self._commit(run, Outbox())

    def stop(self, arn: str, error: str | None = None, cause: str | None = None) -> Execution | None:
        """End an execution as aborted; None where none of that ARN runs."""
        return self._end(arn, Ending(ABORTED, error, cause))

    def redrive(self, arn: str) -> Execution:
        """Take up an execution that failed, at the states that failed."""
        with self._changed:
            execution = self.store.execution(arn)
            assert execution is not None  # noqa: S101 - the service checked it
            run = self._load(execution)
            arrivals.redrive(run, self.clock.now())
            self._take_up(run)
            self._commit(run, Outbox())
            self._map_runs.revive(run, redrive=True)
        return run.execution

    def resume(self) -> None:
        """Take up all that was unfinished when the last engine ended."""
        with self._changed:
            loaded = [self._load(execution) for execution in self.store.unfinished()]
            for run in loaded:
                self._take_up(run)
                for strand in run.tasks():
                    self._resume_task(run, strand)
            for run in loaded:
                self._map_runs.revive(run)

    def report(self, arn: str, strand: int, number: int, report: Report) -> bool:
        """Take a report of a task; whether anybody waited for it."""
        with self._changed:
            if self.waits(arn, strand, number) is None:
                return False
            self._agenda.push(Signal(arn, strand, "report", (number, report)))
            return True

    def waits(self, arn: str, strand: int, number: int) -> Strand | None:
        """The strand that waits for a task, if it still does."""
        run = self._runs.get(arn)
        found = run.strands.get(strand) if run else None
        if found is None or found.task is None or found.phase not in {TASK, MAP_RUN}:
            return None
        return found if found.task.get("number") == number else None

    def knows(self, arn: str) -> bool:
        """Whether there is, or was, an execution."""
        return arn in self._runs or self.store.execution(arn) is not None

    def heartbeat(self, arn: str, strand: int, number: int) -> bool:
        """Take a task's sign of life; whether anybody waited for it."""
        with self._changed:
            found = self.waits(arn, strand, number)
            if found is None:
                return False
            self._agenda.push(Signal(arn, strand, "beat", number))
            return True

    def when_ended(self, arn: str, tell: Callable[[Execution], None]) -> None:
        """Call `tell` once an execution has ended; at once if it has."""
        with self._changed:
            if arn in self._runs:
                self._waiting.setdefault(arn, []).append(tell)
                return
        found = self.store.execution(arn)
        if found is not None:
            tell(found)

    def call_later(self, seconds: float, act: Callable[[], None]) -> None:
        """Call `act` in the engine's thread when its clock has gone on by `seconds`."""
        with self._changed:
            self._agenda.push_at(self.clock.now() + seconds, act)

    def running(self, arn: str) -> Execution | None:
        """An unfinished execution."""
        run = self._runs.get(arn)
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

    def _serve(self) -> None:
        while not self._closed:
            self._step(forever=True)

    @property
    def _others_work(self) -> bool:
        return bool(self._in_flight) and self._tasks.works_aside

    def _step(self, *, forever: bool) -> bool:
        """Handle one signal, or wait for one; False where none will come by itself."""
        with self._changed:
            signal = self._agenda.pop()
            if signal is None:
                wait = (forever or self._others_work or self._agenda.has_timers) and not self._closed
                if wait:
                    self._agenda.wait(others_work=self._others_work)
                return wait
            run = self._runs.get(signal.execution_arn)
            if run:
                self._handle(run, signal)
        return True

    def _handle(self, run: Run, signal: Signal) -> None:
        outbox = Outbox()
        strand = run.strands.get(signal.strand)
        if strand is None:
            self._handle_deadline(run, signal)
            return
        turn = self._turn(run, strand, outbox)
        try:
            arrivals.arrive(turn, signal)
        except StateFailure as failure:  # The history is full.
            flow.end(turn, Ending(FAILED, failure.error, failure.cause))
        except Exception as error:  # A mistake in here ends the execution that met it, and no other.
            logger.exception("%s failed in %s", run.execution.arn, strand.state)
            flow.end(turn, Ending(FAILED, RUNTIME, f"{turn.prefix}{type(error).__name__}: {error}"))
        self._commit(run, outbox)

    def _handle_deadline(self, run: Run, signal: Signal) -> None:
        if signal.kind == "deadline" and run.execution.deadline == signal.news:
            self._end(run.execution.arn, Ending(TIMED_OUT, "States.Timeout"))

    def _end(self, arn: str, ending: Ending) -> Execution | None:
        with self._changed:
            run = self._runs.get(arn)
            if run is None:
                return None
            outbox = Outbox()
            turn = self._turn(run, next(iter(run.strands.values())), outbox)
            task_calls.cancel_all(turn)
            run.end(ending, self.clock.now(), previous=0)
            if ending.status == TIMED_OUT:  # Its event names an error, its description does not.
                run.execution.error = None
            self._commit(run, outbox)
            return run.execution

    def _turn(self, run: Run, strand: Strand, outbox: Outbox) -> Turn:
        return Turn(run, strand, outbox=outbox, tasks=self._tasks, clock=self.clock.now, draw=self._random)

    def _commit(self, run: Run, outbox: Outbox) -> None:
        """Write the turn down, then do what follows from it."""
        changes = run.take_changes()
        self.save(changes)
        for listener in self._listeners:
            _tell(listener, changes)
        self._end_work(outbox)
        if run.execution.has_ended:
            self._let_go(run)
        else:
            self._begin_work(run, outbox)

    def _end_work(self, outbox: Outbox) -> None:
        for call in outbox.cancels:
            self._in_flight.discard((call.execution_arn, call.number))
            self._tasks.cancel(call)
        for map_run in outbox.ended_map_runs:
            self._map_runs.stop(map_run)

    def _begin_work(self, run: Run, outbox: Outbox) -> None:
        for at, signal in outbox.timers:
            self._agenda.push_at(at, signal)
        for signal in outbox.signals:
            self._agenda.push(signal)
        for arn in outbox.begun_map_runs:
            self._map_runs.begin(run, arn)
        for call in outbox.starts:
            self._in_flight.add((call.execution_arn, call.number))
            self._tasks.start(call, self._reporter(call))

    def save(self, changes: Changes) -> None:
        """Write something down, before it takes effect: where the disk is full, all wait until it is not."""
        while True:
            try:
                self.store.save(changes)
            except Exception:
                logger.exception("%s could not be written; trying again", changes.execution.arn)
                self._changed.wait(_STORE_SECONDS)
            else:
                return

    def children(self, map_run_arn: str) -> list[Execution]:
        """The child executions of a Map Run."""
        return [self.running(one.arn) or one for one in self.store.children(map_run_arn)]

    def tell(self, map_run: MapRun, ended: MapRunEnded) -> None:
        """Say to the state of a Map Run that it is over."""
        self._agenda.push(Signal(map_run.execution_arn, map_run.strand, "map_run", ended))

    def now(self) -> float:
        """Seconds since 1970, by the engine's clock."""
        return self.clock.now()

    def _let_go(self, run: Run) -> None:
        arn = run.execution.arn
        del self._runs[arn]
        self._in_flight = {key for key in self._in_flight if key[0] != arn}
        for tell in self._waiting.pop(arn, ()):
            tell(run.execution)
        self._map_runs.note_end(run.execution)
        self._changed.notify_all()

    def _load(self, execution: Execution) -> Run:
        run = Run(execution, self.store.strands(execution.arn))
        run.map_runs = {one.arn: one for one in self.store.map_runs(execution.arn)}
        self._runs[execution.arn] = run
        return run

    def _take_up(self, run: Run) -> None:
        """Set the timers of an execution, and wake the strands that are ready."""
        arn, deadline = run.execution.arn, run.execution.deadline
        if deadline is not None:
            self._agenda.push_at(deadline, Signal(arn, 0, "deadline", deadline))
        for strand in list(run.strands.values()):
            for kind, at in strand.timers.items():
                self._agenda.push_at(at, Signal(arn, strand.id, kind, at))
            signal = arrivals.awaited(strand)
            if signal:
                self._agenda.push(Signal(arn, strand.id, *signal))

    def _resume_task(self, run: Run, strand: Strand) -> None:
        task = strand.task or {}
        if not task.get("started"):
            return
        call = task_calls.call_of(run, strand)
        submitted = Submitted(task["submitted"]["output"]) if task["submitted"] else None
        self._in_flight.add((call.execution_arn, call.number))
        self._tasks.resume(call, submitted, self._reporter(call))

    def _reporter(self, call: TaskCall) -> Reporter:
        def report(news: Report) -> None:
            with self._changed:
                self._in_flight.discard((call.execution_arn, call.number))
                self.report(call.execution_arn, call.strand, call.number, news)

        return report


def _tell(listener: Listener, changes: Changes) -> None:
    try:
        listener(changes)
    except Exception:
        logger.exception("%s failed", listener)
