"""The task runner of the running cloud: calls in threads, jobs until they end, activities on a board."""

import contextlib
import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from embedded.integrations import Integrations, TaskContext, TaskFailure
from embedded.stepfunctions import failures
from embedded.stepfunctions.engine import Engine
from embedded.stepfunctions.integrations import map_files
from embedded.stepfunctions.integrations.activities import ActivityBoard
from embedded.stepfunctions.integrations.calling import CONNECTIONS, Attempt, CallingCloud, Calls
from embedded.stepfunctions.integrations.failures import lost
from embedded.stepfunctions.integrations.table import Table
from embedded.stepfunctions.resource import Resource
from embedded.stepfunctions.tasks import (
    READ_ITEMS,
    WRITE_RESULTS,
    Failed,
    Report,
    Reporter,
    Submitted,
    Succeeded,
    TaskCall,
)

logger = logging.getLogger(__name__)

_FILES: Mapping[str, Callable[[Attempt], Any]] = {
    READ_ITEMS: map_files.read_items,
    WRITE_RESULTS: map_files.write_results,
}


@dataclass
class _Waited:
    """A call that somebody waits for."""

    call: TaskCall
    report: Reporter
    context: TaskContext
    is_cancelled: threading.Event
    submitted: dict[str, Any] | None = None

    def end(self, report: Report) -> None:
        """Say how it ended, unless nobody cares."""
        if not self.is_cancelled.is_set():
            self.report(report)


class CloudTasks:
    """Makes the calls of Task states over the wire, under the roles of their machines."""

    def __init__(self, cloud: CallingCloud, registered: Integrations, board: ActivityBoard) -> None:
        """`registered` are the integrations that other services of ours bring."""
        self.calls = Calls(cloud)
        self.table = Table(registered, self.calls)
        self._registered = registered
        self._board = board
        self._engine: Engine | None = None
        self._activity_exists: Callable[[str], bool] = lambda _arn: True
        self._pool = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="tasks")
        self._lock = threading.Lock()
        self._is_open = threading.Event()
        self._waited: dict[tuple[str, int], _Waited] = {}

    @property
    def works_aside(self) -> bool:
        """Calls go on in threads."""
        return True

    def connect(self, engine: Engine, activity_exists: Callable[[str], bool] = lambda _arn: True) -> None:
        """Know the engine whose tasks these are, and which activities there are."""
        self._engine = engine
        self._activity_exists = activity_exists
        self.table.connect(engine)

    def open(self) -> None:
        """The cloud takes calls: make those that waited for it."""
        self._is_open.set()

    def refusal(self, resource: Resource, arguments: Any) -> str | None:
        """Why a call cannot be made at all, as AWS words it; None where it can."""
        if resource.kind == "activity":
            return (
                None
                if self._activity_exists(resource.arn)
                else f"The activity {resource.arn} does not exist."
            )
        try:
            self.table.check(resource, arguments)
        except TaskFailure as failure:
            return failure.cause
        return None

    def start(self, call: TaskCall, report: Reporter) -> None:
        """Make a call; never blocks."""
        if call.resource.kind == "activity":
            self._board.offer(call, report)
        else:
            self._take(self._waited_for(call, report), self._run)

    def resume(self, call: TaskCall, submitted: Submitted | None, report: Reporter) -> None:
        """Take up a call that was under way when the last engine ended."""
        if call.resource.kind == "activity":
            self._offer_again(call, report)
        elif submitted is not None:
            self._wait_again(call, submitted, report)
        elif call.purpose in _FILES or call.resource.arn.startswith(_REPEATABLE):
            self._take(self._waited_for(call, report, is_repeated=True), self._run)
        else:
            failure = lost(self.table.prefix(call.resource))
            report(Failed(failure.error, failure.cause))

    def cancel(self, call: TaskCall) -> None:
        """Nobody waits any more: end the job that a `.sync` call started; never blocks."""
        if call.resource.kind == "activity":
            self._board.withdraw(call)
            return
        with self._lock:
            waited = self._waited.pop(_key(call), None)
        if waited:
            waited.is_cancelled.set()
            self._submit(self._end_job, waited)

    def close(self) -> None:
        """Send the workers of activities away, and begin nothing more."""
        self._board.close()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _take(self, waited: _Waited, step: Callable[[_Waited], None]) -> None:
        with self._lock:
            self._waited[_key(waited.call)] = waited
        self._submit(self._guarded, waited, step)

    def _submit(self, step: Callable[..., None], *arguments: Any) -> None:
        # After a stop nothing begins any more; the next server takes it up.
        with contextlib.suppress(RuntimeError):
            self._pool.submit(step, *arguments)

    def _guarded(self, waited: _Waited, step: Callable[[_Waited], None]) -> None:
        self._is_open.wait()
        try:
            step(waited)
        except TaskFailure as failure:
            self._over(waited, Failed(failure.error, failure.cause))
        except Exception as error:
            logger.exception("%s of %s failed", waited.call.resource.arn, waited.call.execution_arn)
            self._over(waited, Failed(failures.RUNTIME, f"{type(error).__name__}: {error}"))

    def _run(self, waited: _Waited) -> None:
        call = waited.call
        job = self.table.job(call.resource) if call.purpose not in _FILES else None
        if job is not None:
            waited.submitted = job.submit(call.arguments, waited.context)
            waited.end(Submitted(waited.submitted))
            self._wait(waited)
            return
        output = self._perform(waited)
        waits = call.resource.pattern == ".waitForTaskToken"
        self._over(waited, Submitted(output) if waits else Succeeded(output))

    def _perform(self, waited: _Waited) -> Any:
        call, context = waited.call, waited.context
        registered = self._registered.find(call.resource.arn)
        if registered and call.purpose not in _FILES:
            return registered(call.arguments, context)
        perform = _FILES.get(call.purpose) or self.table.performer(call.resource)
        if perform is None:
            cause = f"{call.resource.arn} is not served by the embedded cloud"
            raise TaskFailure(failures.RUNTIME, cause)
        return perform(Attempt(call, context, self.calls))

    def _wait(self, waited: _Waited) -> None:
        """Wait for a job's end, without a thread."""
        job, submitted = self.table.job(waited.call.resource), waited.submitted
        if job is None or submitted is None:
            return
        if waited.is_cancelled.is_set():
            self._end_job(waited)
            return
        job.when_ended(submitted, lambda: self._submit(self._guarded, waited, self._finish))

    def _finish(self, waited: _Waited) -> None:
        job = self.table.job(waited.call.resource)
        if job is not None and not waited.is_cancelled.is_set():
            self._over(waited, Succeeded(job.result(waited.submitted or {}, waited.context)))

    def _end_job(self, waited: _Waited) -> None:
        """End the job of a call that nobody waits for; where it is just being started, once it is."""
        job = self.table.job(waited.call.resource)
        if job is None or waited.submitted is None:
            return
        try:
            job.cancel(waited.submitted, waited.context)
        except TaskFailure as failure:
            logger.warning("%s could not be ended: %s", waited.call.resource.arn, failure)

    def _over(self, waited: _Waited, report: Report) -> None:
        with self._lock:
            self._waited.pop(_key(waited.call), None)
        waited.end(report)

    def _waited_for(self, call: TaskCall, report: Reporter, *, is_repeated: bool = False) -> _Waited:
        execution = self._engine.running(call.execution_arn) if self._engine else None
        is_cancelled = threading.Event()
        context = TaskContext(
            role_arn=call.role_arn,
            execution_arn=call.execution_arn,
            stopped=is_cancelled.is_set,
            machine_role_arn=execution.role_arn if execution else call.role_arn,
            attempt=f"{call.execution_arn}/{call.number}",
            is_repeated=is_repeated,
        )
        return _Waited(call, report, context, is_cancelled)

    def _wait_again(self, call: TaskCall, submitted: Submitted, report: Reporter) -> None:
        """Wait for a job; the answer to a task token comes to the engine."""
        if self.table.job(call.resource) is not None:
            waited = self._waited_for(call, report)
            waited.submitted = submitted.output
            self._take(waited, self._wait)

    def _offer_again(self, call: TaskCall, report: Reporter) -> None:
        """Offer a task that no worker had taken; one that had still holds its token."""
        if self._engine is None:
            return
        later = self._engine.store.events(call.execution_arn, first=call.number + 1)
        started = (event["previousEventId"] for event in later if event["type"] == "ActivityStarted")
        if call.number not in started:
            self._board.offer(call, report)


# Named by their attempt, and so started once however often they are asked for.
_REPEATABLE = "arn:aws:states:::states:startExecution"


def _key(call: TaskCall) -> tuple[str, int]:
    return call.execution_arn, call.number
