"""The class name of a Python exception reaches `errorType`, and with it the `ErrorEquals` of a state machine.

MiniStack answers `Runtime.HandlerError` for every exception, and ends the worker; it does not say how a
worker ended, nor whose invocation timed out.
https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
"""

from typing import Any

from embedded.lambda_worker import FAILURE_KEY

_EXITED = "Runtime exited"
_TIMED_OUT = "Task timed out"


def install() -> None:
    """Turn a worker's failure into the answer that Lambda gives."""
    from ministack.services import lambda_svc

    execute = lambda_svc._execute_function_warm

    def execute_warm(function: Any, event: Any, request_id: str) -> Any:
        return unfold(execute(function, event, request_id), request_id)

    lambda_svc._execute_function_warm = execute_warm


def unfold(answer: dict[str, Any], request_id: str) -> dict[str, Any]:
    """An answer that carries a failure, as MiniStack passes errors on; any other answer as it is."""
    body = answer.get("body")
    if not isinstance(body, dict):
        return answer
    if FAILURE_KEY in body:
        return answer | {"body": body[FAILURE_KEY], "error": True}
    return answer | {"body": _explained(body, request_id)} if answer.get("error") else answer


def _explained(body: dict[str, Any], request_id: str) -> dict[str, Any]:
    """What the platform, not the function, says of a failed invocation."""
    message = str(body.get("errorMessage", ""))
    for start, error_type in ((_EXITED, "Runtime.ExitError"), (_TIMED_OUT, "Sandbox.Timedout")):
        if message.startswith(start):
            return {"errorType": error_type, "errorMessage": f"RequestId: {request_id} Error: {message}"}
    return body
