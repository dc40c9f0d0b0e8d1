"""Two machines that differ in one field, and what can be seen of each when it runs."""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from embedded.integrations import TaskContext, TaskFailure
from embedded.stepfunctions.integrations.calling import Attempt
from embedded.stepfunctions.integrations.map_files import read_items, write_results
from embedded.stepfunctions.model import Execution
from embedded.stepfunctions.store import MemoryStore
from embedded.stepfunctions.tasks import READ_ITEMS, WRITE_RESULTS, Failed, Report, Succeeded, TaskCall
from tests.unit.embedded.stepfunctions.engine.scripted import Answer, ScriptedTasks, echo, engine, execution
from tests.unit.embedded.stepfunctions.language.machines import Definition


@dataclass
class Files:
    """S3 in memory, as calls see it."""

    objects: Mapping[str, str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    written: dict[str, str] = field(default_factory=dict)

    def call(self, _acting: object, _service: str, operation: str, params: Mapping[str, Any]) -> Any:
        """Answer an operation."""
        self.asked.append((operation, dict(params)))
        return getattr(self, operation)(params)

    def GetObject(self, params: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802 - the operation's name
        """An object's content."""
        return {"Body": io.BytesIO(self.objects[params["Key"]].encode())}

    def ListObjectsV2(self, params: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802
        """The objects below a prefix."""
        found = [key for key in self.objects if key.startswith(params.get("Prefix", ""))]
        return {"Contents": [{"Key": key} for key in found], "IsTruncated": False}

    def PutObject(self, params: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802
        """Keep what is written."""
        self.written[params["Key"]] = params["Body"].decode()
        return {}


@dataclass(frozen=True)
class Observation:
    """All that can be seen of one execution."""

    execution: Execution
    events: list[dict[str, Any]]
    calls: list[TaskCall]
    children: list[Execution]
    files: Files


@dataclass(frozen=True, kw_only=True)
class Case:
    """The same machine with a field and without it, or with another value of it."""

    first: Definition
    second: Definition
    sees: Callable[[Observation], Any]
    shown: tuple[Any, Any]
    """What is seen of the first and of the second."""
    given: Any = None
    answer: Callable[[], Answer] = lambda: echo
    """Made anew for each of the two: how tasks answer."""
    objects: Mapping[str, str] = field(default_factory=dict)


def observe(case: Case, definition: Definition) -> Observation:
    """Run a machine, as far as it goes by itself."""
    files, store, answer = Files(case.objects), MemoryStore(), case.answer()
    tasks = ScriptedTasks(lambda call: _answer(call, files, answer))
    runner, made = engine(store, tasks), execution(definition, case.given)
    runner.start(made)
    runner.run_until_idle()
    found = store.execution(made.arn) or made
    children = [child for one in store.map_runs(made.arn) for child in store.children(one.arn)]
    calls = [call for call in tasks.calls if call.purpose not in _FILES]
    return Observation(found, store.events(made.arn), calls, children, files)


def _answer(call: TaskCall, files: Files, answer: Answer) -> Report | None:
    act = _FILES.get(call.purpose)
    if act is None:
        return answer(call)
    context = TaskContext(call.role_arn, call.execution_arn)
    try:
        return Succeeded(act(Attempt(call, context, files)))  # type: ignore[arg-type]  # what it needs of calls
    except TaskFailure as failure:
        return Failed(failure.error, failure.cause)


_FILES: Mapping[str, Callable[[Attempt], Any]] = {READ_ITEMS: read_items, WRITE_RESULTS: write_results}


def output(seen: Observation) -> Any:
    """The execution's output."""
    return json.loads(seen.execution.output or "null")


def status(seen: Observation) -> str:
    """How it ended."""
    return seen.execution.status


def error(seen: Observation) -> str | None:
    """The name of its error."""
    return seen.execution.error


def cause(seen: Observation) -> str | None:
    """The cause of its error."""
    return seen.execution.cause


def seconds(seen: Observation) -> float | None:
    """How long it took."""
    stopped = seen.execution.stopped
    return None if stopped is None else stopped - seen.execution.started


def arguments(seen: Observation) -> list[Any]:
    """What the tasks were called with."""
    return [call.arguments for call in seen.calls]


def resources(seen: Observation) -> list[str]:
    """What was called."""
    return [call.resource.arn for call in seen.calls]


def roles(seen: Observation) -> list[str]:
    """Under which roles."""
    return [call.role_arn for call in seen.calls]


def inputs(seen: Observation) -> list[Any]:
    """What the child executions of a Map Run were given."""
    return [json.loads(child.input) for child in seen.children]


def labels(seen: Observation) -> set[str]:
    """The label in the ARNs of child executions and of their machine."""
    arns = [arn for child in seen.children for arn in (child.arn.rpartition(":")[0], child.machine_arn)]
    return {arn.rpartition("/")[2] for arn in arns}


def child_statuses(seen: Observation) -> list[str]:
    """How the child executions ended."""
    return [child.status for child in seen.children]


def requests(seen: Observation) -> list[tuple[str, dict[str, Any]]]:
    """What S3 was asked for."""
    return seen.files.asked


def written(seen: Observation) -> dict[str, str]:
    """The last part of each file's key, and the file without what differs from run to run."""
    return {key.rpartition("/")[2]: text for key, text in seen.files.written.items()}


def begun_at_first(seen: Observation) -> int:
    """How many iterations began before the first one ended."""
    types = [event["type"] for event in seen.events]
    return types[: types.index("MapIterationSucceeded")].count("MapIterationStarted")
