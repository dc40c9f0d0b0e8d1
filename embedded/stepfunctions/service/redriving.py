"""Whether an execution can be redriven.

https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
"""

from typing import Any

from embedded.stepfunctions import history
from embedded.stepfunctions.model import RUNNING, SUCCEEDED, Execution

DAYS = 14
_SECONDS = DAYS * 86_400.0
MOST_REDRIVES = 1000


def obstacle(execution: Execution, now: float) -> str | None:
    """Why an execution cannot be redriven; None where it can."""
    if execution.status in {RUNNING, SUCCEEDED} or execution.stopped is None:
        return f"Execution is {execution.status} and cannot be redriven"
    if now - execution.stopped > _SECONDS:
        return f"Execution was closed more than {DAYS} days ago and cannot be redriven"
    if execution.last_event >= history.MOST_EVENTS - 1:
        return "Execution history event limit exceeded"
    if execution.redrives >= MOST_REDRIVES:
        return f"Execution was redriven {MOST_REDRIVES} times and cannot be redriven again"
    return None


def described(execution: Execution, now: float) -> dict[str, Any]:
    """`redriveCount`, `redriveDate`, `redriveStatus` and `redriveStatusReason`."""
    counts = {"redriveCount": execution.redrives, "redriveDate": execution.redriven}
    reason = obstacle(execution, now)
    if reason is not None:
        return counts | {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": reason}
    status = "REDRIVABLE_BY_MAP_RUN" if execution.map_run_arn else "REDRIVABLE"
    return counts | {"redriveStatus": status}
