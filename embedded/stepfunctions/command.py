"""`python -m embedded.stepfunctions run`: one execution of a definition, without a cloud."""

import json
import math
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from embedded.stepfunctions.clock import Clock, RealClock, VirtualClock
from embedded.stepfunctions.documents import dumps
from embedded.stepfunctions.engine import Engine
from embedded.stepfunctions.language.definition import parse
from embedded.stepfunctions.mocks import Answers, MockedTasks
from embedded.stepfunctions.model import Event, Execution
from embedded.stepfunctions.store import MemoryStore

_ACCOUNT = "arn:aws:{service}:{region}:123456789012:{rest}"


@dataclass(frozen=True)
class Finished:
    """What became of an execution."""

    execution: Execution
    events: list[Event]

    @property
    def has_succeeded(self) -> bool:
        """Whether there is an output."""
        return self.execution.status == "SUCCEEDED"

    @property
    def text(self) -> str:
        """The output, or `{"error", "cause"}`, as JSON."""
        if self.has_succeeded:
            return self.execution.output or "null"
        details: Mapping[str, Any] = next(
            (value for key, value in self.events[-1].items() if key.endswith("Details")), {}
        )
        return dumps({"error": details.get("error"), "cause": details.get("cause")})


def run(
    definition: Mapping[str, Any], given: str, answers: Answers, *, name: str, clock: Clock | None = None
) -> Finished:
    """Run a checked definition on an input (JSON text) to its end; tasks answer from `answers`."""
    tasks, store = MockedTasks(answers), MemoryStore()
    engine = Engine(store=store, tasks=tasks, clock=clock or RealClock(), seed=0)
    tasks.later = engine.call_later
    execution = new_execution(definition, given, machine=name, name=str(uuid.uuid4()), now=engine.clock.now())
    engine.start(execution)
    engine.run_until_idle()
    return Finished(execution, store.events(execution.arn))


def from_files(
    definition: Path, given: Path | None, mock: Path | None, *, virtual_time: bool = False
) -> Finished:
    """As `run`, from files; raises InvalidDefinition, or ValueError for a bad input or mock file."""
    checked = parse(
        _text(definition), source=str(definition), allow_yaml=definition.suffix in {".yaml", ".yml"}
    )
    text = _text(given) if given else "{}"
    _json(text, given)
    answers = Answers.model_validate(_json(_text(mock), mock) if mock else {})
    clock = VirtualClock() if virtual_time else RealClock()
    return run(checked, text, answers, name=definition.name.partition(".")[0], clock=clock)


def printed(event: Event) -> str:
    """An event as a line of JSON, its time as the AWS command line prints it."""
    moment = datetime.fromtimestamp(event["timestamp"], UTC)
    return dumps(event | {"timestamp": moment.isoformat(timespec="milliseconds")})


def new_execution(
    definition: Mapping[str, Any], given: str, *, machine: str, name: str, now: float
) -> Execution:
    """An execution of a machine that no service knows."""
    states, region = "states", "us-east-1"
    return Execution(
        arn=_ACCOUNT.format(service=states, region=region, rest=f"execution:{machine}:{name}"),
        name=name,
        machine_arn=_ACCOUNT.format(service=states, region=region, rest=f"stateMachine:{machine}"),
        machine_name=machine,
        role_arn=_ACCOUNT.format(service="iam", region="", rest=f"role/{machine}"),
        definition=json.dumps(definition),
        input=given,
        started=now,
    )


def _text(path: Path) -> str:
    """A file's text, or the standard input's; ValueError names the file that is none."""
    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except UnicodeDecodeError as problem:
        raise ValueError(f"{path} cannot be read: {problem}") from None


def _json(text: str, path: Path | None) -> Any:
    """What a file of JSON says; ValueError names the file that holds something else."""
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError(f"{path} is nested too deeply") from None
    except ValueError as problem:
        raise ValueError(f"{path} is no JSON: {problem}") from None
    return value


def _finite(number: str) -> float:
    value = float(number)
    if math.isinf(value):
        raise ValueError(f"{number} is out of range")
    return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
