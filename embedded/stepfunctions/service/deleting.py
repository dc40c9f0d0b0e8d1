"""Machines that are being deleted: their executions end at their next transition, then the machine is gone.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html
"""

from concurrent.futures import ThreadPoolExecutor

from embedded.stepfunctions.engine import Engine
from embedded.stepfunctions.model import Changes
from embedded.stepfunctions.service import listing
from embedded.stepfunctions.service.machines import Machines
from embedded.stepfunctions.service.records import Machine
from embedded.stepfunctions.sqlite_store import SqliteStore


class Deleting:
    """Ends the executions of machines that go."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._going: set[str] = set()
        self._engine: Engine | None = None
        self._machines: Machines | None = None
        # A listener must not wait for the engine, whose turn it is.
        self._later = ThreadPoolExecutor(1, thread_name_prefix="deletions")

    def connect(self, machines: Machines, engine: Engine) -> None:
        """Go on with what an earlier server began."""
        self._machines, self._engine = machines, engine
        engine.listen(self._listen)
        for machine in machines.catalog.machines.all():
            if machine.is_deleting:
                self.begin(machine)

    def begin(self, machine: Machine) -> None:
        """A machine is marked: it goes at once where nothing of it runs."""
        self._going.add(machine.arn)
        self._finish(machine.arn)

    def close(self) -> None:
        """Return when all that was begun is done; the rest is done by the next server."""
        self._later.shutdown()

    def _listen(self, changes: Changes) -> None:
        execution = changes.execution
        if execution.machine_arn not in self._going:
            return
        if execution.has_ended:
            self._later.submit(self._finish, execution.machine_arn)
        elif any(event["type"].endswith("StateExited") for event in changes.events):
            self._later.submit(self._stop, execution.arn)

    def _stop(self, arn: str) -> None:
        if self._engine is not None:
            self._engine.stop(arn)

    def _finish(self, arn: str) -> None:
        if self._machines is not None and not listing.has_unfinished(self._store, arn):
            self._going.discard(arn)
            self._machines.forget(arn)
