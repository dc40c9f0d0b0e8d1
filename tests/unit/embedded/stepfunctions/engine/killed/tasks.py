"""Tasks whose answers follow from their arguments alone, made in threads and noted down outside."""

import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from embedded.stepfunctions import tokens
from embedded.stepfunctions.engine import Engine
from embedded.stepfunctions.model import Execution
from embedded.stepfunctions.tasks import (
    READ_ITEMS,
    Failed,
    Report,
    Reporter,
    Submitted,
    Succeeded,
    TaskCall,
)
from tests.unit.embedded.stepfunctions.engine.killed import notebook
from tests.unit.embedded.stepfunctions.engine.killed.machines import made
from tests.unit.embedded.stepfunctions.engine.killed.notebook import Line, Notebook

_AT_ONCE = 8
_LOST = Failed("Lambda.SdkClientException", "nobody knows whether it was carried out")
_ITEMS = [3, 4, 5, 6]


def _double(given: Any) -> Report:
    time.sleep(0.002)
    return Succeeded({"Payload": given * 2})


def _slow(given: Any) -> Report:
    time.sleep(0.03)
    return Succeeded({"Payload": given * 3})


def _flaky(given: Any) -> Report:
    if given["attempt"] < given["fails"]:
        return Failed("Flaky", f"attempt {given['attempt']}")
    return Succeeded({"Payload": "at last"})


_FUNCTIONS: Mapping[str, Callable[[Any], Report]] = {
    "double": _double,
    "slow": _slow,
    "flaky": _flaky,
    "broken": lambda _: Failed("Broken", "it never works"),
    "ask": lambda _: Submitted({}),
}


class ThreadedTasks:
    """Makes calls in threads; one in flight at a kill is lost, as the cloud's runner has it."""

    works_aside = True

    def __init__(self, notes: Notebook) -> None:
        self._notes = notes
        self._pool = ThreadPoolExecutor(_AT_ONCE)
        self.engine: Engine

    def refusal(self, resource: object, arguments: Any) -> str | None:
        """Nothing is refused."""
        return None

    def start(self, call: TaskCall, report: Reporter) -> None:
        """Make the call aside."""
        self._pool.submit(self._run, call, report)

    def resume(self, call: TaskCall, submitted: Submitted | None, report: Reporter) -> None:
        """Do again what has a name or only reads; of the rest, wait for tokens' answers alone."""
        is_nested = call.resource.service == "states"
        if call.purpose == READ_ITEMS or is_nested:
            self._pool.submit(self._run, call, report)
        elif submitted is None:
            report(_LOST)

    def cancel(self, call: TaskCall) -> None:
        """Calls cannot be called back."""

    def _run(self, call: TaskCall, report: Reporter) -> None:
        if call.purpose == READ_ITEMS:
            report(Succeeded(_ITEMS))
        elif call.resource.service == "states":
            self._nest(call, report)
        else:
            self._notes.write(Line("call", call.execution_arn, call.strand, call.number))
            if call.resource.pattern:
                self._notes.write(Line("token", call.execution_arn, call.strand, call.number))
            report(_FUNCTIONS[call.arguments["FunctionName"]](call.arguments["Payload"]))

    def _nest(self, call: TaskCall, report: Reporter) -> None:
        """Start the child under a name that follows from the attempt, and wait for its end."""
        attempt = f"{call.execution_arn}/{call.number}"
        name = str(uuid.uuid5(uuid.NAMESPACE_URL, attempt))
        child = made(call.arguments["StateMachineArn"], name=name, now=self.engine.now())
        if not self.engine.knows(child.arn):
            self.engine.start(child)

        def tell(ended: Execution) -> None:
            report(Succeeded({"Status": ended.status, "Output": json.loads(ended.output or "null")}))

        report(Submitted({"ExecutionArn": child.arn}))
        self.engine.when_ended(child.arn, tell)


def answer_tokens(engine: Engine, notes: Notebook) -> None:
    """Answer every task token that was handed out, in a thread; after a kill all of them once more."""
    threading.Thread(target=_keep_answering, args=(engine, notes), daemon=True).start()


def _keep_answering(engine: Engine, notes: Notebook) -> None:
    done = 0
    while True:
        for line in _new_lines(notes.path, done):
            done += 1
            if line.kind == "token":
                _answer(engine, notes, line)
        time.sleep(0.01)


def _new_lines(path: Path, known: int) -> list[Line]:
    return notebook.read(path)[known:] if notebook.count(path) > known else []


def _answer(engine: Engine, notes: Notebook, line: Line) -> None:
    token = tokens.TaskToken(line.arn, line.strand, line.number)
    try:
        tokens.answer(engine, str(token), Succeeded("approved"))
    except tokens.TaskTimedOut:
        return  # Answered before the kill, or lost with it.
    notes.write(Line("answered", line.arn, line.strand, line.number))
