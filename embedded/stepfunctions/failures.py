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
NO_CHOICE = "States.NoChoiceMatched"
BRANCH_FAILED = "States.BranchFailed"
PERMISSIONS = "States.Permissions"
ITEM_READER = "States.ItemReaderFailed"
RESULT_WRITER = "States.ResultWriterFailed"
TOLERATED_FAILURES = "States.ExceedToleratedFailureThreshold"
ALL = "States.ALL"

# What `States.ALL` does not match: it ends the execution whatever its states catch.
TERMINAL = frozenset({DATA_LIMIT, RUNTIME})


class StateFailure(Exception):
    """A state ends badly, unless it retries or catches that."""

    def __init__(self, error: str | None, cause: str | None = None) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause


class EvaluationFailure(StateFailure):
    """An expression could not be evaluated, or gave what its field does not take."""

    def __init__(self, cause: str, *, field: str) -> None:
        """`field` is the path of the field in its state, e.g. `/Arguments/Payload`."""
        super().__init__(QUERY_EVALUATION, cause)
        self.field = field


@dataclass(frozen=True)
class Ending:
    """How an execution or a strand ended."""

    status: str
    """`SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`."""
    error: str | None = None
    cause: str | None = None
