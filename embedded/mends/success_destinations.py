"""Destinations for what succeeded are refused by name: MiniStack takes them, and never sends anything there.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from collections.abc import Mapping
from typing import Any


def install() -> None:
    """Ask before an asynchronous invocation is configured."""
    from ministack.services import lambda_svc

    put = lambda_svc._put_event_invoke_config

    def put_config(name: str, qualifier: str | None, data: Mapping[str, Any]) -> Any:
        reason = refusal(data)
        return lambda_svc._invalid_parameter_value(reason) if reason else put(name, qualifier, data)

    lambda_svc._put_event_invoke_config = put_config


def refusal(data: Mapping[str, Any]) -> str | None:
    """Why a configuration cannot be kept here; None where it can."""
    wanted = (data.get("DestinationConfig") or {}).get("OnSuccess") or {}
    if not wanted.get("Destination"):
        return None
    return "DestinationConfig.OnSuccess is not supported here; there is OnFailure."
