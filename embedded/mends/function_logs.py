"""A function's log is written under the function's role, one stream for each of its environments.

MiniStack writes it without asking, and makes a stream for each call: thousands in one group, of which the
context object names none. AWS keeps silent about a log that it could not write:
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
"""

import contextvars
from collections.abc import Mapping
from typing import Any

from embedded import authority
from embedded.environment import ACCOUNT_ID, REGION

# Lambda names the stream by the day and its environment; no policy can know which.
_STREAM = "2000/01/01/[$LATEST]0123456789abcdef0123456789abcdef"

_answered: contextvars.ContextVar[str] = contextvars.ContextVar("environment_that_answered", default="")
_writing: contextvars.ContextVar[str] = contextvars.ContextVar("environment_that_writes", default="")


def answered_by(environment_id: str) -> None:
    """Say which environment has run the call whose log is going to be written here."""
    _answered.set(environment_id)


def install() -> None:
    """Ask before the lines of an invocation are stored."""
    from ministack.services import lambda_svc

    emit, new_uuid = lambda_svc._emit_lambda_logs, lambda_svc.new_uuid

    def emit_logs(function: Mapping[str, Any], *rest: Any, **named: Any) -> None:
        token = _writing.set(_answered.get())
        _answered.set("")
        try:
            if may_write(function.get("config") or function):
                emit(function, *rest, **named)
        finally:
            _writing.reset(token)

    lambda_svc._emit_lambda_logs = emit_logs
    # MiniStack ends the stream's name with it.
    lambda_svc.new_uuid = lambda: _writing.get() or new_uuid()


def may_write(config: Mapping[str, Any]) -> bool:
    """Whether a function's role may write its log, and make the group where there is none yet."""
    from ministack.services import cloudwatch_logs

    name = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}"
    group = f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{name}"
    making = [] if name in cloudwatch_logs._log_groups else [("logs:CreateLogGroup", f"{group}:log-stream:")]
    stream = f"{group}:log-stream:{_STREAM}"
    try:
        for action, arn in (*making, ("logs:CreateLogStream", stream), ("logs:PutLogEvents", stream)):
            authority.check(str(config.get("Role", "")), action, arn)
    except authority.AccessDenied:
        return False
    return True
