"""An invocation's payload is JSON, and has a limit: 6 MB when it is waited for, 1 MB when it is not.

MiniStack takes any size, and an empty event for what is no JSON. The asynchronous limit was 256 KB until
October 2025:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

import json
from collections.abc import Mapping
from typing import Any

MOST_SYNCHRONOUS = 6_291_556
MOST_ASYNCHRONOUS = 1_048_576
_TYPE = "x-amz-invocation-type"
_TOO_LARGE = "RequestEntityTooLargeException"


def install() -> None:
    """Look at the body before MiniStack reads it."""
    from ministack import app

    handle = app.SERVICE_HANDLERS["lambda"]

    async def handled(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        is_invocation = method == "POST" and path.rstrip("/").endswith("/invocations")
        refused = refusal(headers, body) if is_invocation else None
        return _answer(*refused) if refused else await handle(method, path, headers, body, query)

    app.SERVICE_HANDLERS["lambda"] = handled


def refusal(headers: Mapping[str, str], body: bytes) -> tuple[int, str, str] | None:
    """Status, code and message of a refusal; None for a payload that is good."""
    size = len(body or b"")
    if headers.get(_TYPE) == "Event" and size > MOST_ASYNCHRONOUS:
        limit = f"limit {MOST_ASYNCHRONOUS} bytes"
        message = f"{size} byte payload is too large for the Event invocation type ({limit})"
        return 413, _TOO_LARGE, message
    if size > MOST_SYNCHRONOUS:
        message = f"Request must be smaller than {MOST_SYNCHRONOUS} bytes for the InvokeFunction operation"
        return 413, _TOO_LARGE, message
    try:
        json.loads(body or b"{}")
    except ValueError as error:
        return 400, "InvalidRequestContentException", f"Could not parse request body into json: {error}"
    return None


def _answer(status: int, code: str, message: str) -> tuple[int, dict[str, str], bytes]:
    headers = {"Content-Type": "application/json", "x-amzn-errortype": code}
    return status, headers, json.dumps({"Type": "User", "message": message}).encode()
