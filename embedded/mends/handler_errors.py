"""The class name of a Python exception reaches `errorType`, and with it the `ErrorEquals` of a state machine.

MiniStack answers `Runtime.HandlerError` for every exception, and ends the worker.
"""

from typing import Any

from embedded.lambda_worker import FAILURE_KEY

_DIED = "Worker process died"


def install() -> None:
    """Turn a worker's failure into the answer that Lambda gives."""
    from ministack.services import lambda_svc

    execute = lambda_svc._execute_function_warm

    def execute_warm(function: Any, event: Any, request_id: str) -> Any:
        return unfold(execute(function, event, request_id))

    lambda_svc._execute_function_warm = execute_warm


def unfold(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer that carries a failure, as MiniStack passes errors on; any other answer as it is."""
    body = answer.get("body")
    if not isinstance(body, dict):
        return answer
    if FAILURE_KEY in body:
        return answer | {"body": body[FAILURE_KEY], "error": True}
    if answer.get("error") and body.get("errorMessage") == _DIED:
        return answer | {"body": {"errorType": "Runtime.ExitError", "errorMessage": "Runtime exited"}}
    return answer
