"""Athena's optimised integrations; `startQueryExecution.sync` is brought by `embedded.athena`.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-athena.html
"""

from embedded.stepfunctions.integrations.failures import OptimisedNames
from embedded.stepfunctions.integrations.optimised import Optimised

NAMES = OptimisedNames("athena", "Athena", "AmazonAthena", "AmazonAthenaException")


def _of(operation: str, *parameters: str) -> Optimised:
    return Optimised(names=NAMES, operation=operation, parameters=frozenset(parameters))


INTEGRATIONS: dict[str, Optimised] = {
    "athena:startQueryExecution": _of(
        "StartQueryExecution",
        "ClientRequestToken",
        "ExecutionParameters",
        "QueryExecutionContext",
        "QueryString",
        "ResultConfiguration",
        "ResultReuseConfiguration",
        "WorkGroup",
    ),
    "athena:stopQueryExecution": _of("StopQueryExecution", "QueryExecutionId"),
    "athena:getQueryExecution": _of("GetQueryExecution", "QueryExecutionId"),
    "athena:getQueryResults": _of("GetQueryResults", "QueryExecutionId", "MaxResults", "NextToken"),
}
