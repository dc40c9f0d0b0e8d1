"""The worker: handles signals in groups, writes what they changed, and then does what follows.

Nothing takes effect before it is written. The turns of a group are written together: signals between the
states of executions are handled at once, what reaches beyond them (calls, timers, ends) comes after.
"""

import logging
import random
import threading
from collections.abc import Callable, Iterable

from embedded.stepfunctions import arrivals, flow, task_calls
from embedded.stepfunctions.agenda import Agenda
from embedded.stepfunctions.clock import Clock
from embedded.stepfunctions.failures import RUNTIME, Ending, StateFailure
from embedded.stepfunctions.model import FAILED, TIMED_OUT, Changes, Execution, Strand
from embedded.stepfunctions.run import Run
from embedded.stepfunctions.store import Store
from embedded.stepfunctions.tasks import Reporter, Submitted, TaskRunner
from embedded.stepfunctions.turn import Outbox, Signal, Turn

logger = logging.getLogger(__name__)

Listener = Callable[[Changes], None]
_STORE_SECONDS = 1.0


class Worker:
    """Takes unfinished executions from signal to signal. Whoever calls it holds `changed`."""

    def __init__(
        self, *, store: Store, tasks: TaskRunner, clock: Clock, seed: int | None, at_once: int
    ) -> None:
        """At most `at_once` turns are written together."""
        self.runs: dict[str, Run] = {}
        self.listeners: list[Listener] = []
        self.changed = threading.Condition(threading.RLock())
        self.agenda = Agenda(clock, self.changed)
        self.on_map_runs_begun: Callable[[Run, str], None]
        self.on_map_run_dropped: Callable[[str], None]
        self.on_end: Callable[[Execution], None]
        self.reporter: Callable[[str, int, int], Reporter]
        self._store, self._tasks, self._clock = store, tasks, clock
        self._random = random.Random(seed)  # noqa: S311 - what `$random` and jitter draw from
        self._at_once = at_once
        self._in_flight: set[tuple[str, int]] = set()

    @property
    def others_work(self) -> bool:
        """Whether calls are under way that go on by themselves."""
        return bool(self._in_flight) and self._tasks.works_aside

    def work(self) -> None:
        """Handle what waits, up to the size of a group."""
        touched: dict[str, tuple[Run, Outbox]] = {}
        for _ in range(self._at_once):
            signal = self.agenda.pop()
            if signal is None:
                break
            run = self.runs.get(signal.execution_arn)
            if run and not run.execution.has_ended:
                outbox = touched.setdefault(signal.execution_arn, (run, Outbox()))[1]
                self._handle(run, signal, outbox)
        self.commit(touched.values())

    def end(self, run: Run, ending: Ending, outbox: Outbox) -> None:
        """End an execution from outside of its states."""
        turn = self._turn(run, next(iter(run.strands.values())), outbox)
        task_calls.cancel_all(turn)
        run.end(ending, self._clock.now(), previous=0)
        if ending.status == TIMED_OUT:  # Its event names an error, its description does not.
            run.execution.error = None

    def commit(self, turns: Iterable[tuple[Run, Outbox]]) -> None:
        """Write turns down, then do what follows from them."""
        written = [(run, outbox, run.take_changes()) for run, outbox in turns]
        self.save(changes for _, _, changes in written)
        for _, _, changes in written:  # All, before what follows from one makes new ones.
            for listener in self.listeners:
                _tell(listener, changes)
        for run, outbox, _ in written:
            self._end_work(outbox)
            if run.execution.has_ended:
                self._let_go(run)
            else:
                self._begin_work(run, outbox)

    def save(self, all_changes: Iterable[Changes]) -> None:
        """Write something down: where the disk is full, all wait until it is not."""
        found = list(all_changes)
        while found:
            try:
                self._store.save(*found)
            except Exception:
                logger.exception("%d executions could not be written; trying again", len(found))
                self.changed.wait(_STORE_SECONDS)
            else:
                return

    def take_up(self, run: Run) -> None:
        """Set the timers of an execution, and wake the strands that are ready."""
        arn, deadline = run.execution.arn, run.execution.deadline
        self.runs[arn] = run
        if deadline is not None:
            self.agenda.push_at(deadline, Signal(arn, 0, "deadline", deadline))
        for strand in list(run.strands.values()):
            for kind, at in strand.timers.items():
                self.agenda.push_at(at, Signal(arn, strand.id, kind, at))
            signal = arrivals.awaited(strand)
            if signal:
                self.agenda.push(Signal(arn, strand.id, *signal))

    def resume_task(self, run: Run, strand: Strand) -> None:
        """Hand a call that was under way to its runner again."""
        task = strand.task or {}
        if not task.get("started"):
            return
        call = task_calls.call_of(run, strand)
        submitted = Submitted(task["submitted"]["output"]) if task["submitted"] else None
        self._in_flight.add((call.execution_arn, call.number))
        self._tasks.resume(call, submitted, self.reporter(call.execution_arn, call.strand, call.number))

    def has_answered(self, arn: str, number: int) -> None:
        """A call is no longer under way."""
        self._in_flight.discard((arn, number))

    def _handle(self, run: Run, signal: Signal, outbox: Outbox) -> None:
        strand = run.strands.get(signal.strand)
        if strand is not None:
            self._take_turn(self._turn(run, strand, outbox), signal)
        elif signal.kind == "deadline" and run.execution.deadline == signal.news:
            self.end(run, Ending(TIMED_OUT, "States.Timeout"), outbox)
        for following in outbox.signals:
            self.agenda.push(following)
        outbox.signals.clear()

    def _take_turn(self, turn: Turn, signal: Signal) -> None:
        try:
            arrivals.arrive(turn, signal)
        except StateFailure as failure:  # The history is full.
            flow.end(turn, Ending(FAILED, failure.error, failure.cause))
        except Exception as error:  # A mistake in here ends the execution that met it, and no other.
            logger.exception("%s failed in %s", turn.run.execution.arn, turn.strand.state)
            flow.end(turn, Ending(FAILED, RUNTIME, f"{turn.prefix}{type(error).__name__}: {error}"))

    def _turn(self, run: Run, strand: Strand, outbox: Outbox) -> Turn:
        return Turn(run, strand, outbox=outbox, tasks=self._tasks, clock=self._clock.now, draw=self._random)

    def _end_work(self, outbox: Outbox) -> None:
        for call in outbox.cancels:
            self.has_answered(call.execution_arn, call.number)
            self._tasks.cancel(call)
        for arn in outbox.ended_map_runs:
            self.on_map_run_dropped(arn)

    def _begin_work(self, run: Run, outbox: Outbox) -> None:
        for at, signal in outbox.timers:
            self.agenda.push_at(at, signal)
        for arn in outbox.begun_map_runs:
            self.on_map_runs_begun(run, arn)
        for call in outbox.starts:
            self._in_flight.add((call.execution_arn, call.number))
            self._tasks.start(call, self.reporter(call.execution_arn, call.strand, call.number))

    def _let_go(self, run: Run) -> None:
        arn = run.execution.arn
        if self.runs.pop(arn, None) is None:
            return  # Ended by what followed from another turn of its group.
        self._in_flight = {key for key in self._in_flight if key[0] != arn}
        self.on_end(run.execution)
        self.changed.notify_all()


def _tell(listener: Listener, changes: Changes) -> None:
    try:
        listener(changes)
    except Exception:
        logger.exception("%s failed", listener)
