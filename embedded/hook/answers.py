"""Errors as a service answers them, and the error code of an answer, in each of AWS's protocols."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from embedded import shapes
from embedded.hook.operations import Operation
from embedded.hook.request import HttpCall

Answer = tuple[int, dict[str, str], bytes]

_XML_CODE = re.compile(rb"<Code>([^<]+)</Code>")
_JSON_CODE = re.compile(rb'"(?:__type|code|Code)"\s*:\s*"(?:[^"#]*#)?([^":]+)')


@dataclass(frozen=True)
class Failure:
    """An error, before it is put into a protocol."""

    code: str
    message: str
    status: int


def throttling(service: str, operation: Operation) -> Failure:
    """The error with which a service throttles an operation.

    Where the model has one of its own it is that; else the common one of the protocol, which SDKs know:
    https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
    """
    if service in _THROTTLES:
        return _THROTTLES[service]
    modelled = _modelled(operation)
    code = next((name for name in _THROTTLING_SHAPES if name in modelled), "")
    if code:
        return Failure(code, "Rate exceeded", modelled[code])
    if _protocol(operation) in ("query", "ec2"):
        return Failure("Throttling", "Rate exceeded", 400)
    status = 429 if _protocol(operation).startswith("rest") else 400
    return Failure("ThrottlingException", "Rate exceeded", status)


_THROTTLES: Mapping[str, Failure] = {
    "s3": Failure("SlowDown", "Please reduce your request rate.", 503),
    "ec2": Failure("RequestLimitExceeded", "Request limit exceeded.", 503),
    "sqs": Failure("RequestThrottled", "The request was denied due to request throttling.", 403),
    "lambda": Failure("TooManyRequestsException", "Rate Exceeded.", 429),
}
_THROTTLING_SHAPES = (
    "ThrottlingException",
    "TooManyRequestsException",
    "ThrottledException",
    "RequestThrottled",
    "Throttling",
)


def status_of(operation: Operation, code: str) -> int | None:
    """The HTTP status that the model gives an error, if it has it."""
    return _modelled(operation).get(code)


def _modelled(operation: Operation) -> dict[str, int]:
    if not operation.model:
        return {}
    found = {}
    for shape in shapes.service_model(operation.model).error_shapes:
        how = shape.metadata.get("error") or {}
        found[how.get("code") or shape.name] = int(how.get("httpStatusCode") or 400)
    return found


def _protocol(operation: Operation) -> str:
    return shapes.service_model(operation.model).resolved_protocol if operation.model else "json"


def render(failure: Failure, *, call: HttpCall, operation: Operation, request_id: str) -> Answer:
    """An error in the protocol of the request."""
    protocol = _protocol(operation)
    if protocol in ("json", "rest-json") and call.form.get("Action") and not call.headers.get("x-amz-target"):
        protocol = "query"  # An older SDK, speaking to a service that has moved on to JSON.
    if protocol == "rest-xml" and operation.model != "s3":
        protocol = "query"  # The others wrap their errors as the Query protocol does.
    content_type, body = _BODIES[protocol](failure, request_id)
    headers = {"Content-Type": content_type, "x-amzn-requestid": request_id, "x-amz-request-id": request_id}
    if protocol in ("json", "rest-json"):
        headers |= {
            "x-amzn-errortype": failure.code,
            "x-amzn-query-error": f"{failure.code};{_side(failure)}",
        }
    if content_type == _JSON and call.headers.get("content-type", "").startswith("application/x-amz-json"):
        headers["Content-Type"] = call.headers["content-type"]
    return failure.status, headers, b"" if call.method == "HEAD" else body.encode()


_JSON, _XML = "application/json", '<?xml version="1.0" encoding="UTF-8"?>\n'


def _side(failure: Failure) -> str:
    return "Receiver" if failure.status >= 500 else "Sender"


def _json(failure: Failure, _request_id: str) -> tuple[str, str]:
    return _JSON, json.dumps({"__type": failure.code, "message": failure.message})


def _error(failure: Failure) -> str:
    return f"<Code>{escape(failure.code)}</Code><Message>{escape(failure.message)}</Message>"


def _query(failure: Failure, request_id: str) -> tuple[str, str]:
    error = f"<Error><Type>{_side(failure)}</Type>{_error(failure)}</Error>"
    return "text/xml", f"<ErrorResponse>{error}<RequestId>{request_id}</RequestId></ErrorResponse>"


def _ec2(failure: Failure, request_id: str) -> tuple[str, str]:
    errors = f"<Errors><Error>{_error(failure)}</Error></Errors>"
    return "text/xml", f"{_XML}<Response>{errors}<RequestID>{request_id}</RequestID></Response>"


def _rest_xml(failure: Failure, request_id: str) -> tuple[str, str]:
    return "application/xml", f"{_XML}<Error>{_error(failure)}<RequestId>{request_id}</RequestId></Error>"


_BODIES: Mapping[str, Callable[[Failure, str], tuple[str, str]]] = {
    "json": _json,
    "rest-json": _json,
    "query": _query,
    "ec2": _ec2,
    "rest-xml": _rest_xml,
}


def code_of(status: int, headers: Mapping[str, Any], body: bytes) -> str:
    """The error code of an answer; of a function that failed, `Handled` or `Unhandled`; else empty."""
    if status < 400:
        return str(headers.get("X-Amz-Function-Error", ""))
    lower = {key.lower(): str(value) for key, value in headers.items()}
    named = lower.get("x-amzn-errortype", "").partition(":")[0].rpartition("#")[2]
    match = _XML_CODE.search(body) or _JSON_CODE.search(body)
    return named or (match[1].decode() if match else str(status))
