"""`athena:startQueryExecution.sync` in Step Functions.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-athena.html. No managed rule is made: the
permissions that AWS lists hold none (https://docs.aws.amazon.com/step-functions/latest/dg/athena-iam.html).
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any, Protocol

from embedded.integrations import TaskContext, TaskFailure
from embedded.service_task import ServiceTask
from embedded.stepfunctions.integrations.athena import NAMES
from embedded.stepfunctions.integrations.calling import CallingCloud, Calls

START_SYNC = "arn:aws:states:::athena:startQueryExecution.sync"
_SUCCEEDED = "SUCCEEDED"


class Watched(Protocol):
    """Who knows when queries end."""

    def when_ended(self, query_id: str, tell: Callable[[], None]) -> None:
        """Call `tell` once a query has ended."""


class StartQuery:
    """Starts queries under the machine's role, and waits for them."""

    def __init__(self, cloud: CallingCloud, watched: Watched) -> None:
        self._watched = watched
        self._athena = ServiceTask(calls=Calls(cloud), names=NAMES, rule="")

    def submit(self, arguments: dict[str, Any], context: TaskContext) -> dict[str, Any]:
        """Start a query; one that may have been started before is found by its token."""
        token = {"ClientRequestToken": hashlib.sha256(context.attempt.encode()).hexdigest()}
        return self._athena.request("StartQueryExecution", token | arguments, context)

    def when_ended(self, submitted: dict[str, Any], tell: Callable[[], None]) -> None:
        """Call `tell` once the query has ended."""
        self._watched.when_ended(submitted["QueryExecutionId"], tell)

    def result(self, submitted: dict[str, Any], context: TaskContext) -> dict[str, Any]:
        """`{"QueryExecution": …}`; one that did not succeed is `States.TaskFailed`."""
        found = self._athena.ask("GetQueryExecution", context, QueryExecutionId=submitted["QueryExecutionId"])
        detail = self._athena.detail("QueryExecution", found["QueryExecution"])
        if detail["Status"]["State"] != _SUCCEEDED:
            raise TaskFailure("States.TaskFailed", json.dumps({"QueryExecution": detail}))
        return {"QueryExecution": detail}

    def cancel(self, submitted: dict[str, Any], context: TaskContext) -> None:
        """Step Functions stops the query of a Task that nobody waits for any more."""
        self._athena.ask("StopQueryExecution", context, QueryExecutionId=submitted["QueryExecutionId"])
