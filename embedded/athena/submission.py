"""StartQueryExecution: once for a token, in a workgroup that exists and has the last word.

MiniStack starts a query for every request, in whatever workgroup, and takes the client's settings for it.
https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html
https://docs.aws.amazon.com/athena/latest/ug/workgroups-settings-override.html
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

LONGEST_QUERY = 262_144
"""characters"""
SHORTEST_TOKEN, LONGEST_TOKEN = 32, 128
_SETTLED = ("ClientRequestToken", "QueryString", "QueryExecutionContext", "ResultConfiguration", "WorkGroup")

Answer = tuple[int, dict[str, str], bytes]


def install() -> None:
    """Put our checks before MiniStack's operation."""
    from ministack.services import athena

    unmended: Callable[[dict[str, Any]], Answer] = athena._start_query_execution

    def start(data: dict[str, Any]) -> Answer:
        return _refusal(data) or _started_before(data) or _start(unmended, data)

    athena._start_query_execution = start


def _start(unmended: Callable[[dict[str, Any]], Answer], data: dict[str, Any]) -> Answer:
    from ministack.core import iam_evaluator
    from ministack.services import athena

    location = output_location(data, settings_of(data.get("WorkGroup", "primary")))
    if location is None:  # MiniStack says so.
        return unmended(data)
    answer = unmended(data | {"ResultConfiguration": {"OutputLocation": location}})
    if answer[0] == 200:
        execution = athena._executions[json.loads(answer[2])["QueryExecutionId"]]
        execution["_request"] = _settled(data)
        execution["_caller"] = iam_evaluator.caller_arn()
    return answer


def settings_of(workgroup: str) -> Mapping[str, Any]:
    """The configuration of a workgroup."""
    from ministack.services import athena

    return dict((athena._workgroups.get(workgroup) or {}).get("Configuration") or {})


def output_location(data: Mapping[str, Any], settings: Mapping[str, Any]) -> str | None:
    """The folder of the results: the workgroup's where it insists, or the client says none."""
    given = (data.get("ResultConfiguration") or {}).get("OutputLocation")
    own = (settings.get("ResultConfiguration") or {}).get("OutputLocation")
    # A workgroup insists unless it is told not to.
    insists = str(settings.get("EnforceWorkGroupConfiguration", True)).lower() == "true"
    found = (own if insists else None) or given or own
    return f"{str(found).rstrip('/')}/" if found else None


def _settled(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in _SETTLED if name in data}


def _refusal(data: Mapping[str, Any]) -> Answer | None:
    from ministack.services import athena

    token, workgroup = data.get("ClientRequestToken"), data.get("WorkGroup", "primary")
    if token is not None and not SHORTEST_TOKEN <= len(token) <= LONGEST_TOKEN:
        return invalid(f"clientRequestToken must have {SHORTEST_TOKEN} to {LONGEST_TOKEN} characters")
    if not 1 <= len(data.get("QueryString", "")) <= LONGEST_QUERY:
        return invalid(f"queryString must have 1 to {LONGEST_QUERY} characters")
    found = athena._workgroups.get(workgroup)
    if found is None:
        return invalid(f"WorkGroup {workgroup} is not found.")
    is_disabled = found.get("State") == "DISABLED"
    return invalid(f"WorkGroup {workgroup} is disabled.") if is_disabled else None


def _started_before(data: Mapping[str, Any]) -> Answer | None:
    from ministack.core.responses import json_response
    from ministack.services import athena

    token = data.get("ClientRequestToken")
    for query_id, execution in athena._executions.items() if token else ():
        request = execution.get("_request") or {}
        if request.get("ClientRequestToken") == token:
            if request != _settled(data):
                return invalid("Idempotent parameters do not match")
            answer: Answer = json_response({"QueryExecutionId": query_id})
            return answer
    return None


def invalid(message: str) -> Answer:
    """What Athena answers to a request that makes no sense."""
    from ministack.core.responses import error_response_json

    answer: Answer = error_response_json("InvalidRequestException", message, 400)
    return answer
