"""The process that is killed: an engine on a file, which takes up what it finds there and runs the mix."""

import threading
import time
from pathlib import Path

from embedded.stepfunctions.engine import Engine
from embedded.stepfunctions.sqlite_store import SqliteStore
from tests.unit.embedded.stepfunctions.engine.killed import machines, tasks
from tests.unit.embedded.stepfunctions.engine.killed.notebook import Line, Notebook

STORE, NOTES = "states.sqlite", "notes"
_EPOCH = 1_767_225_600.0
_SPEED = 10


class QuickClock:
    """The machine's clock, but quicker: a second of a machine is 100 ms, before a kill and after it."""

    def now(self) -> float:
        """Seconds since 1970."""
        return _EPOCH + (time.time() - _EPOCH) * _SPEED

    def wait(self, changed: threading.Condition, until: float | None, *, others_work: bool) -> None:
        """Wait for a notification, at most until that time."""
        changed.wait(None if until is None else max(0.0, until - self.now()) / _SPEED)


def run(folder: Path) -> None:
    """Go on with what the folder holds, until all of the mix has ended."""
    notes = Notebook(folder / NOTES)
    store, runner = SqliteStore(folder / STORE), tasks.ThreadedTasks(notes)
    engine = Engine(store=store, tasks=runner, clock=QuickClock())
    runner.engine = engine
    engine.resume()
    engine.serve()
    tasks.answer_tokens(engine, notes)
    ended = threading.Semaphore(0)
    wanted = list(machines.mix(engine.now()))
    for execution in wanted:
        if not engine.knows(execution.arn):
            engine.start(execution)
            notes.write(Line("accepted", execution.arn))
        engine.when_ended(execution.arn, lambda _: ended.release())
    for _ in wanted:
        ended.acquire()
    engine.close()
