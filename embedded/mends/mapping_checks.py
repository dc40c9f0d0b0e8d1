"""Event source mappings are checked when they are made or changed, also by CloudFormation.

MiniStack takes any number and ignores what it does not do. AWS refuses among others a queue whose messages
come again while the function still runs:
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""

import json
from collections.abc import Mapping
from typing import Any

from embedded.event_sources import checks

_TYPE = "AWS::Lambda::EventSourceMapping"
_WHOLE = (
    "BatchSize",
    "MaximumBatchingWindowInSeconds",
    "ParallelizationFactor",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "MaximumConcurrency",
    "TumblingWindowInSeconds",
)
_FLAGS = ("Enabled", "BisectBatchOnFunctionError")
_FIXED = ("EventSourceArn", "StartingPosition")


def install() -> None:
    """Ask before a mapping is stored."""
    from ministack.services import lambda_svc
    from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

    create, update = lambda_svc._create_esm, lambda_svc._update_esm

    def create_mapping(data: dict[str, Any]) -> Any:
        return _refusal(lambda_svc, data) or create(_with_defaults(data))

    def update_mapping(identity: str, data: dict[str, Any]) -> Any:
        there = lambda_svc._esms.get(identity) or {}
        merged = {key: there[key] for key in (*_FIXED, *checks.MEMBERS) if key in there} | data
        return (_refusal(lambda_svc, merged) if there else None) or update(identity, data)

    lambda_svc._create_esm = create_mapping
    lambda_svc._update_esm = update_mapping
    handlers = _RESOURCE_HANDLERS[_TYPE]
    handlers["create"] = _create
    handlers["update"] = _update


def _refusal(lambda_svc: Any, data: Mapping[str, Any]) -> Any:
    from ministack.services import sqs

    source = str(data.get("EventSourceArn", ""))
    queue = sqs._queue_by_arn(source) if ":sqs:" in source else None
    visibility = int(queue["attributes"].get("VisibilityTimeout", "30")) if queue else None
    config = lambda_svc._get_func_record_for_ref(str(data.get("FunctionName", "")))[1] or {}
    reason = checks.reason(data, visibility=visibility, timeout=int(config.get("Timeout", 3)))
    return lambda_svc._invalid_parameter_value(reason) if reason else None


def _with_defaults(data: Mapping[str, Any]) -> dict[str, Any]:
    size = 10 if ":sqs:" in str(data.get("EventSourceArn", "")) else 100
    return {"BatchSize": size} | dict(data)


def _create(_logical_id: str, properties: Mapping[str, Any], _stack: str) -> tuple[str, dict[str, Any]]:
    from ministack.services import lambda_svc
    from ministack.services.cloudformation import provisioners

    made = _accepted(lambda_svc._create_esm(request(properties)))
    attributes: dict[str, Any] = provisioners._lambda_esm_attrs(made["UUID"])
    return made["UUID"], attributes


def _update(
    identity: str, old: Mapping[str, Any], new: Mapping[str, Any], stack: str
) -> tuple[str, dict[str, Any]]:
    from ministack.services import lambda_svc
    from ministack.services.cloudformation import provisioners

    if any(old.get(key) != new.get(key) for key in _FIXED):
        made = _create("", new, stack)
        provisioners._lambda_esm_delete(identity, old)
        return made
    changed = {key: value for key, value in request(new).items() if key not in (*_FIXED, "Tags")}
    _accepted(lambda_svc._update_esm(identity, changed))
    attributes: dict[str, Any] = provisioners._lambda_esm_attrs(identity)
    return identity, attributes


def request(properties: Any) -> Any:
    """The API's request for a resource's properties: numbers and flags may be texts, tags are a list."""
    if not isinstance(properties, Mapping):
        return properties
    return {key: _value(key, value) for key, value in properties.items()}


def _value(key: str, value: Any) -> Any:
    if key in _WHOLE:
        return int(value)
    if key in _FLAGS:
        return str(value).lower() == "true"
    if key == "Tags" and isinstance(value, list):
        return {tag["Key"]: tag["Value"] for tag in value}
    return request(value)


def _accepted(answer: Any) -> dict[str, Any]:
    status, _, content = answer
    parsed: dict[str, Any] = json.loads(content)
    if status >= 400:
        raise ValueError(f"{_TYPE}: {parsed.get('message') or parsed.get('Message') or parsed}")
    return parsed
