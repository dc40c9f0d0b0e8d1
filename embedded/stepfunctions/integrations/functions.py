"""Lambda functions: `lambda:invoke`, and a function's ARN as the `Resource`.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
"""

import json
from collections.abc import Mapping
from typing import Any

from embedded.integrations import TaskFailure
from embedded.stepfunctions.documents import dumps
from embedded.stepfunctions.integrations.calling import Attempt
from embedded.stepfunctions.integrations.failures import OptimisedNames
from embedded.stepfunctions.integrations.optimised import check, with_metadata

NAMES = OptimisedNames("lambda", "Lambda", "AWSLambda", "AWSLambdaException")
PARAMETERS = frozenset({"ClientContext", "FunctionName", "InvocationType", "LogType", "Payload", "Qualifier"})
_UNKNOWN = "The cause could not be determined because Lambda did not return an error type."


def check_invoke(arguments: Any) -> None:
    """Raise TaskFailure for arguments that no invocation can be made of."""
    check(arguments, supported=PARAMETERS, required=("FunctionName",))


def invoke(attempt: Attempt) -> Any:
    """`lambda:invoke`: the answer, with the function's own as `Payload`."""
    params = dict(attempt.task.arguments)
    if "Payload" in params:
        params["Payload"] = dumps(params["Payload"]).encode()
    if "ClientContext" in params and not isinstance(params["ClientContext"], str):
        params["ClientContext"] = dumps(params["ClientContext"])
    answer, text = _call(attempt, params)
    found = {key: value for key, value in answer.items() if key not in {"ResponseMetadata", "Payload"}}
    return with_metadata(found | {"Payload": _value(text)}, answer)


def run(attempt: Attempt) -> Any:
    """A function's ARN: its own answer."""
    params = {"FunctionName": attempt.task.resource.arn, "Payload": dumps(attempt.task.arguments).encode()}
    _, text = _call(attempt, params)
    return _value(text)


def _call(attempt: Attempt, params: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    try:
        answer = attempt.call("lambda", "Invoke", params)
        text = answer["Payload"].read().decode() if answer.get("Payload") else ""
    except Exception as error:
        raise NAMES(error) from error
    if answer.get("FunctionError"):
        raise _failure(text)
    return answer, text


def _value(text: str) -> Any:
    """The function's answer; an invocation as an event has none."""
    if not text:
        return {}
    try:
        return json.loads(text)
    except ValueError:
        return text


def _failure(text: str) -> TaskFailure:
    """The error is the class that the function raised, the cause all that its runtime says of it."""
    found = _value(text)
    kind = found.get("errorType") if isinstance(found, dict) else None
    if kind:
        return TaskFailure(str(kind), text)
    return TaskFailure("Lambda.Unknown", f"{_UNKNOWN} Returned payload: {text}")
