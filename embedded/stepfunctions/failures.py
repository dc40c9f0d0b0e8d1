"""How a state fails: the name that `ErrorEquals` matches, and the cause.

Names that start with `States.` are AWS's own:
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from dataclasses import dataclass

TIMEOUT = "States.Timeout"
HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout"
TASK_FAILED = "States.TaskFailed"
RUNTIME = "States.Runtime"
DATA_LIMIT = "States.DataLimitExceeded"
QUERY_EVALUATION = "States.QueryEvaluationError"
PERMISSIONS = "States.Permissions"
ITEM_READER = "States.ItemReaderFailed"
RESULT_WRITER = "States.ResultWriterFailed"
TOLERATED_FAILURES = "States.ExceedToleratedFailureThreshold"
ALL = "States.ALL"


class StateFailure(Exception):
    """A state ends badly, unless it retries or catches that."""

    def __init__(
        self,
        error: str | None,
        cause: str | None = None,
        *,
        also: frozenset[str] = frozenset(),
    ) -> None:
        """`also`: further names that `ErrorEquals` matches."""
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause
        self.also = also


class EvaluationFailure(StateFailure):
    """An expression could not be evaluated, or gave what its field does not take."""

    def __init__(self, cause: str, *, location: str) -> None:
        """`location` is the path of the field in its state, e.g. `Arguments/Payload`."""
        super().__init__(QUERY_EVALUATION, cause)
        self.location = location


def runtime_failure(cause: str) -> StateFailure:
    """A failure that nothing catches: it ends the execution."""
    return StateFailure(RUNTIME, cause)


def too_large(what: str) -> str:
    """The cause of States.DataLimitExceeded."""
    return (
        f"The state/task '{what}' returned a result with a size exceeding "
        "the maximum number of bytes service limit."
    )


@dataclass(frozen=True)
class Ending:
    """How an execution ended."""

    status: str
    """`SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`."""
    error: str | None = None
    cause: str | None = None
