"""An asynchronous invocation that is throttled waits in Lambda's own queue, and costs none of its retries.

MiniStack counts a throttled attempt as one of the three, so a burst ends among the dead letters. On AWS
"Lambda returns the event to the queue and attempts to run the function again for up to 6 hours", one second
after the first attempt and up to five minutes after later ones:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

import contextvars
import time
from collections.abc import Callable, Mapping
from typing import Any

OLDEST_SECONDS = 6 * 3600
LONGEST_PAUSE = 300.0
_FIRST_PAUSE = 1.0

_asynchronous: contextvars.ContextVar[bool] = contextvars.ContextVar("asynchronous", default=False)
Execute = Callable[[dict[str, Any], Any], Mapping[str, Any]]


def install() -> None:
    """Know what is invoked asynchronously: the thread that does it takes this context with it."""
    from ministack.services import lambda_svc

    invoke = lambda_svc.invoke_async_with_retry

    def invoke_async_with_retry(func: dict[str, Any], event: Any) -> None:
        token = _asynchronous.set(True)
        try:
            invoke(func, event)
        finally:
            _asynchronous.reset(token)

    lambda_svc.invoke_async_with_retry = invoke_async_with_retry
    lambda_svc._execute_function = waiting(lambda_svc._execute_function)


def waiting(execute: Execute, *, sleep: Callable[[float], None] = time.sleep) -> Execute:
    """Execute a function; what came asynchronously waits while it is throttled, six hours at most."""

    def execute_function(func: dict[str, Any], event: Any) -> Mapping[str, Any]:
        if not _asynchronous.get():
            return execute(func, event)
        return until_there_is_room(lambda: execute(func, event), seconds=OLDEST_SECONDS, sleep=sleep)

    return execute_function


def until_there_is_room(
    attempt: Callable[[], Mapping[str, Any]],
    *,
    seconds: float,
    longest_pause: float = LONGEST_PAUSE,
    sleep: Callable[[float], None] = time.sleep,
) -> Mapping[str, Any]:
    """What comes of an attempt that is made again while it is throttled, for about so long."""
    result, pause, waited = attempt(), _FIRST_PAUSE, 0.0
    while result.get("throttle") and waited < seconds:
        sleep(pause)
        pause, waited = min(2 * pause, longest_pause), waited + pause
        result = attempt()
    return result
