"""Reading what Step Functions tells of a failed task: its cause is a text, or JSON in one of many shapes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from sluiceway import errors

Shape = Mapping[str, Any]


@dataclass(frozen=True)
class Cause:
    """Why something failed: class of the error, a sentence for a person, and the step whose job it was."""

    error: str
    reason: str
    step: str | None = None


def read_cause(error: str, cause: str | None) -> Cause:
    """From the error and cause of a task, through nested executions down to what really failed."""
    shape = parsed(cause)
    if shape is not None:
        for known, read in READERS:
            if field(shape, known) is not None:
                return read(error, shape)
    return Cause(error, cause or PLAIN.get(error, f"{error}, without a cause"))


def parsed(cause: str | None) -> Shape | None:
    """The cause as a JSON object, where it is one."""
    try:
        shape = orjson.loads(cause or "")
    except orjson.JSONDecodeError:
        return None
    return shape if isinstance(shape, dict) else None


def field(shape: Shape, name: str) -> Any:
    """A field of an AWS answer: Step Functions capitalises the first letter of what the API calls `name`."""
    return shape.get(name, shape.get(name[:1].upper() + name[1:]))


def _of_function(error: str, shape: Shape) -> Cause:
    """`{"errorType", "errorMessage", …}`: an exception. Ours explain themselves; others need their name."""
    name, message = str(field(shape, "errorType") or error), str(field(shape, "errorMessage"))
    ours = isinstance(getattr(errors, name, None), type)
    return Cause(name, message if ours else f"{name}: {message}")


def _of_execution(error: str, shape: Shape) -> Cause:
    """A nested execution, described; on AWS it carries the child's own error and cause."""
    status = str(field(shape, "status"))
    return read_cause(str(field(shape, "error") or status or error), field(shape, "cause"))


def _of_job(_error: str, shape: Shape) -> Cause:
    """A Batch job, described."""
    words = ("; ".join(dict.fromkeys(_job_words(shape)))) or "the job failed"
    return Cause("StepFailed", words, _step_of(shape))


def _of_query(_error: str, shape: Shape) -> Cause:
    """An execution of a query in Athena, described."""
    status = field(field(shape, "queryExecution") or {}, "status") or {}
    state = str(field(status, "state") or "FAILED")
    reason = field(status, "stateChangeReason") or f"Athena ended it as {state} and does not say why"
    return Cause("QueryFailed", str(reason))


def _job_words(shape: Shape) -> Iterator[str]:
    container = field(shape, "container") or {}
    exit_code = field(container, "exitCode")
    if field(shape, "statusReason"):
        yield str(field(shape, "statusReason"))
    if field(container, "reason"):
        yield str(field(container, "reason"))
    if exit_code is not None:
        yield f"exit code {exit_code}" + (" (killed: out of memory?)" if exit_code == 137 else "")


def _step_of(shape: Shape) -> str | None:
    """From the job's command: `run-step … --step NAME`, or `evaluate …`."""
    command = field(field(shape, "container") or {}, "command") or ()
    if "--step" in command[:-1]:
        return str(command[command.index("--step") + 1])
    return "evaluation" if "evaluate" in command else None


READERS: tuple[tuple[str, Callable[[str, Shape], Cause]], ...] = (
    ("errorMessage", _of_function),
    ("executionArn", _of_execution),
    ("jobId", _of_job),
    ("queryExecution", _of_query),
)
"""The field by which a shape is known, and how it is read."""

PLAIN: Mapping[str, str] = {
    "States.Timeout": "it took longer than the state machine allows",
    "TIMED_OUT": "it took longer than the state machine allows",
    "ABORTED": "its execution was stopped by hand",
}
"""What Step Functions says without a cause."""
