"""Entries in MiniStack's tables: services, resources that IAM is asked about, CloudFormation types."""

import contextvars
import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any
from urllib.parse import unquote

from embedded import rest_json, shapes

Resources = Callable[[str, dict[str, Any]], Sequence[str]]

_resources: dict[str, tuple[Resources, Sequence[str]]] = {}
# IAM is asked once for each ARN of a call: MiniStack asks about the first, the rest wait here for `enforce`.
_further: contextvars.ContextVar[tuple[str, ...]] = contextvars.ContextVar("further_resources", default=())


def service(name: str, handler: Any, scopes: Sequence[str], target_prefixes: Sequence[str]) -> None:
    """Route requests of these scopes and target prefixes to `handler`."""
    from ministack import app
    from ministack.core import iam_actions, router

    for scope in {name, *scopes}:
        app.SERVICE_HANDLERS[scope] = handler
        patterns = router.SERVICE_PATTERNS.setdefault(scope, {"host_patterns": [rf"^{re.escape(scope)}\."]})
        patterns["target_prefixes"] = sorted({*patterns.get("target_prefixes", []), *target_prefixes})
        patterns["credential_scope"] = scope
        iam_actions.SERVICE_TO_IAM_NAMESPACE.setdefault(scope, scope)


def resource_type(type_name: str, create: Any, delete: Any, update: Any) -> None:
    """Let CloudFormation provision a type."""
    from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

    handlers = {"create": create, "delete": delete}
    _RESOURCE_HANDLERS[type_name] = handlers | ({"update": update} if update else {})


def iam_resources(name: str, resources: Resources, models: Sequence[str]) -> None:
    """Ask IAM about the ARNs that `resources` names for an operation of a service."""
    from ministack.core import iam_actions, iam_evaluator

    _resources[name] = (resources, models)
    iam_actions._BOTOCORE_SERVICE_MAP[name] = list(models)
    iam_actions._REST_ROUTE_CACHE.pop(name, None)
    if iam_actions.extract_resource_arn is not _extract_resource_arn:
        _originals["extract"] = iam_actions.extract_resource_arn
        _originals["action"] = iam_actions.extract_iam_action
        _originals["enforce"] = iam_evaluator.enforce
        iam_actions.extract_resource_arn = _extract_resource_arn
        iam_actions.extract_iam_action = _extract_iam_action
        iam_evaluator.enforce = _enforce


_originals: dict[str, Any] = {}


def _extract_iam_action(
    name: str, method: str, path: str, headers: Any, body: bytes, query: Any
) -> str | None:
    """None of ours speaks the Query protocol: an `Action` in a form or a query string is mere data."""
    if name in _resources:
        headers = {**headers, "content-type": ""}
        query = {key: value for key, value in query.items() if key != "Action"}
    found: str | None = _originals["action"](name, method, path, headers, body, query)
    return found


def _extract_resource_arn(
    name: str, method: str, path: str, headers: Any, body: bytes, query: Any, region: str, account: str
) -> str:
    if name not in _resources:
        return str(_originals["extract"](name, method, path, headers, body, query, region, account))
    from ministack.core import iam_actions

    resources, models = _resources[name]
    action = iam_actions.extract_iam_action(name, method, path, headers, body, query) or ""
    operation = action.partition(":")[2]
    found = tuple(resources(operation, parameters(models, operation, path, body))) or ("*",)
    _further.set(found[1:])
    return found[0]


def _enforce(
    access_key: str,
    action: str,
    name: str,
    region: str,
    resource_arn: str = "*",
    service_context: dict[str, Any] | None = None,
) -> Any:
    rest = _further.get() if name in _resources else ()
    for resource in (resource_arn, *rest):
        denied = _originals["enforce"](
            access_key, action, name, region, resource_arn=resource, service_context=service_context
        )
        if denied:
            return denied
    return None


def models_of(service: str) -> Sequence[str]:
    """Botocore's names of a service of MiniStack's or ours; none where botocore does not know it."""
    from ministack.core import iam_actions

    names = iam_actions._BOTOCORE_SERVICE_MAP.get(service) or [service]
    return [name for name in names if name in shapes.service_names()]


def parameters(models: Sequence[str], operation: str, path: str, body: bytes) -> dict[str, Any]:
    """What a request's JSON and the labels in its path say, by the names of the API."""
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:  # A body that is no JSON has no parameters in it: what InvokeEndpoint carries.
        parsed = {}
    return (parsed if isinstance(parsed, dict) else {}) | _labels(models, operation, path)


def _labels(models: Sequence[str], operation: str, path: str) -> dict[str, str]:
    for model in models:
        pattern = _pattern(model, operation)
        match = pattern.fullmatch(path) if pattern else None
        if match:
            return {key: unquote(value) for key, value in match.groupdict().items()}
    return {}


@cache
def _pattern(model: str, operation: str) -> re.Pattern[str] | None:
    described = shapes.service_model(model)
    if operation not in described.operation_names:
        return None
    return rest_json.path_pattern(described.operation_model(operation).http["requestUri"])
