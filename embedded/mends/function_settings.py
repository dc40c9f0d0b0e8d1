"""A function's settings have limits, also in templates: environment, memory, time, temporary storage.

MiniStack takes any. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

_TYPE = "AWS::Lambda::Function"
_MOST_ENVIRONMENT_BYTES = 4_096
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_]+")
_UNABLE = (
    "Lambda was unable to configure your environment variables "
    "because the environment variables you have provided"
)
_RESERVED = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
    }
)
_RANGES = {"MemorySize": (128, 10_240), "Timeout": (1, 900)}
_EPHEMERAL = (512, 10_240)

Settings = Mapping[str, Any]


def install() -> None:
    """Ask before a function is stored or changed."""
    from ministack.services import lambda_svc
    from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

    create, update = lambda_svc._create_function, lambda_svc._update_config

    def create_function(data: dict[str, Any]) -> Any:
        return _refusal(lambda_svc, data) or create(data)

    def update_config(name: str, data: dict[str, Any]) -> Any:
        return _refusal(lambda_svc, data) or update(name, data)

    lambda_svc._create_function = create_function
    lambda_svc._update_config = update_config
    handlers = _RESOURCE_HANDLERS[_TYPE]
    handlers["create"] = _checked(handlers["create"], lambda _logical_id, properties, *_: properties)
    handlers["update"] = _checked(handlers["update"], lambda _physical_id, _old, new, *_: new)


def reason(settings: Settings) -> tuple[str, str] | None:
    """The code and the message of a refusal; None where the settings are good."""
    return _environment(settings) or _numbers(settings)


def _environment(settings: Settings) -> tuple[str, str] | None:
    variables = (settings.get("Environment") or {}).get("Variables") or {}
    reserved = sorted(_RESERVED & set(variables))
    if reserved:
        message = (
            f"{_UNABLE} contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}"
        )
        return "InvalidParameterValueException", message
    if not all(_NAME.fullmatch(name) for name in variables):
        return "ValidationException", (
            "1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: "
            "Map keys must satisfy constraint: "
            f"[Member must satisfy regular expression pattern: {_NAME.pattern}]"
        )
    measured = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode()) > _MOST_ENVIRONMENT_BYTES:
        message = f"{_UNABLE} exceeded the 4KB limit. String measured: {measured}"
        return "InvalidParameterValueException", message
    return None


def _numbers(settings: Settings) -> tuple[str, str] | None:
    for name, (low, high) in _RANGES.items():
        value = settings.get(name)
        if value is not None and not low <= int(value) <= high:
            return "ValidationException", _constraint(value, name[0].lower() + name[1:], low, high)
    size = (settings.get("EphemeralStorage") or {}).get("Size")
    if size is not None and not _EPHEMERAL[0] <= int(size) <= _EPHEMERAL[1]:
        return "ValidationException", _constraint(size, "ephemeralStorage.size", *_EPHEMERAL)
    return None


def _constraint(value: Any, name: str, low: int, high: int) -> str:
    wanted = f"greater than or equal to {low}" if int(value) < low else f"less than or equal to {high}"
    return (
        f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: "
        f"Member must have value {wanted}"
    )


def _refusal(lambda_svc: Any, data: Settings) -> Any:
    found = reason(data)
    return lambda_svc.error_response_json(*found, 400) if found else None


def _checked(provision: Any, settings_of: Callable[..., Settings]) -> Any:
    def provisioned(*arguments: Any, **named: Any) -> Any:
        found = reason(settings_of(*arguments))
        if found:
            raise ValueError(f"{found[1]} (Service: Lambda, Status Code: 400, Error Code: {found[0]})")
        return provision(*arguments, **named)

    return provisioned
