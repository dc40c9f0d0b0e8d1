"""This project's interpreter, in process: `memory` or `sqlite`.

python -m benchmarks.machines.own memory|sqlite MACHINE EXECUTIONS
"""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.machines import definitions
from embedded.stepfunctions.clock import RealClock
from embedded.stepfunctions.command import new_execution
from embedded.stepfunctions.engine import Engine
from embedded.stepfunctions.mocks import Answers, MockedTasks
from embedded.stepfunctions.sqlite_store import SqliteStore
from embedded.stepfunctions.store import MemoryStore, Store


def main(kind: str, machine: str, count: int) -> None:
    """Start all executions, run them to their ends, print seconds and memory."""
    with tempfile.TemporaryDirectory() as folder:
        store: Store = SqliteStore(Path(folder) / "states.db") if kind == "sqlite" else MemoryStore()
        engine = Engine(store=store, tasks=MockedTasks(Answers({})), clock=RealClock())
        definition = json.loads(getattr(definitions, machine)("JSONata"))
        made = [
            new_execution(definition, '{"n":0}', machine="m", name=str(number), now=time.time())
            for number in range(count)
        ]
        started = time.perf_counter()
        for execution in made:
            engine.start(execution)
        engine.run_until_idle()
        seconds = time.perf_counter() - started
        assert all(execution.status == "SUCCEEDED" for execution in made)
        _print(seconds, _resume(Path(folder) / "states.db") if kind == "sqlite" else None)


def _resume(path: Path) -> float:
    """Seconds in which a new engine is at work again."""
    started = time.perf_counter()
    Engine(store=SqliteStore(path), tasks=MockedTasks(Answers({})), clock=RealClock()).resume()
    return time.perf_counter() - started


def _print(seconds: float, resume: float | None) -> None:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "memory": memory, "resume": resume}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
