"""Which operation of which service a request asks for, by botocore's models."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

from embedded import rest_json, shapes
from embedded.hook.request import HttpCall

_CBOR_PATH = re.compile(r"/service/\w+/operation/(\w+)")


class Operation(NamedTuple):
    """What a request asks for."""

    name: str
    model: str
    """Botocore's name of the service whose model has it; empty where none has."""
    labels: Mapping[str, str]
    """What the path holds, by the model's labels."""


@dataclass(frozen=True)
class Catalog:
    """The server's names of services, in those of IAM and of botocore."""

    prefixes: Mapping[str, str] = field(default_factory=dict)
    """`monitoring` → `cloudwatch`: the prefix of actions in policies."""
    models: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """`states` → `["stepfunctions"]`: botocore's models of it."""

    def prefix(self, service: str) -> str:
        """A service as policies call it."""
        return self.prefixes.get(service, service)

    def operation(self, service: str, call: HttpCall) -> Operation:
        """What a request to a service asks for; `GET /path` where no model knows it."""
        models = self._models(service)
        for model in models:
            if shapes.service_model(model).resolved_protocol.startswith("rest"):
                found = _route(model, call)
                if found:
                    return found
        name = _named(call)
        owner = next((each for each in models if name in _operation_names(each)), "")
        return Operation(name or f"{call.method} {call.path}", owner, {})

    def _models(self, service: str) -> Sequence[str]:
        return [each for each in self.models.get(service) or _BY_SCOPE.get(service, (service,)) if _has(each)]


_BY_SCOPE: Mapping[str, Sequence[str]] = {
    "states": ("stepfunctions",),
    "monitoring": ("cloudwatch",),
    "sagemaker": ("sagemaker", "sagemaker-runtime"),
    "elasticloadbalancing": ("elbv2",),
    "elasticmapreduce": ("emr",),
}


def action_operation(action: str) -> tuple[str, str]:
    """Service and operation of an IAM action that a service does in here: `lambda:InvokeFunction`."""
    service, _, name = action.partition(":")
    return service, _NAMED_OTHERWISE.get(action, name)


_NAMED_OTHERWISE: Mapping[str, str] = {"lambda:InvokeFunction": "Invoke"}


def input_shape(operation: Operation) -> Any:
    """Botocore's shape of an operation's parameters, or None."""
    if not operation.model or operation.name not in _operation_names(operation.model):
        return None
    return shapes.service_model(operation.model).operation_model(operation.name).input_shape


def _named(call: HttpCall) -> str:
    target = call.headers.get("x-amz-target", "")
    if target:
        return target.rpartition(".")[2]
    match = _CBOR_PATH.fullmatch(call.path)
    return match[1] if match else call.form.get("Action", "")


class _Route(NamedTuple):
    method: str
    pattern: re.Pattern[str]
    query: Mapping[str, str]
    members: Sequence[tuple[str, str]]
    """Required members that travel in headers or in the query string: (place, name)."""
    name: str
    fixed: int
    old: bool
    """PutBucketNotification, where PutBucketNotificationConfiguration is meant."""


def _route(model: str, call: HttpCall) -> Operation | None:
    for route in _routes(model):
        match = route.pattern.fullmatch(call.path) if route.method == call.method else None
        if match and _has_query(route, call) and all(_carries(call, *each) for each in route.members):
            return Operation(
                route.name, model, {key: unquote(value) for key, value in match.groupdict().items()}
            )
    return None


def _has_query(route: _Route, call: HttpCall) -> bool:
    return all(
        key in call.query and (not value or value in call.query[key]) for key, value in route.query.items()
    )


def _carries(call: HttpCall, place: str, name: str) -> bool:
    return name in call.query if place == "querystring" else name.lower() in call.headers


@cache
def _routes(model: str) -> Sequence[_Route]:
    described = shapes.service_model(model)
    found = [_route_of(described.operation_model(name)) for name in described.operation_names]
    # What asks for more goes first: UploadPart before PutObject; and fixed text goes before labels.
    return sorted(found, key=lambda route: (-len(route.query) - len(route.members), -route.fixed, route.old))


def _route_of(operation: Any) -> _Route:
    path, _, query = operation.http["requestUri"].partition("?")
    shape = operation.input_shape
    required = [(name, shape.members[name].serialization) for name in shape.required_members] if shape else []
    return _Route(
        operation.http["method"],
        _one_segment_each(path),
        dict(parse_qsl(query, keep_blank_values=True)),
        [
            (how["location"], how["name"])
            for _, how in required
            if how.get("location") in ("querystring", "header")
        ],
        operation.name,
        len(re.sub(r"\{.*?\}", "", path)),
        bool(operation.deprecated),
    )


def _one_segment_each(path: str) -> re.Pattern[str]:
    # The last label may hold slashes, as an ARN decoded on the way does; a bucket's name may not.
    if not path.startswith("/{Bucket}"):
        return rest_json.path_pattern(path)
    key = r"/(?P<Key>.+)" if "{Key+}" in path else "/?"
    return re.compile(r"/(?P<Bucket>[^/]+)" + key)


@cache
def _operation_names(model: str) -> frozenset[str]:
    return frozenset(shapes.service_model(model).operation_names)


@cache
def _has(model: str) -> bool:
    try:
        shapes.service_model(model)
    except UnknownServiceError:
        return False
    return True


@cache
def known_services() -> frozenset[str]:
    """Botocore's names of all services."""
    return frozenset(Loader().list_available_services("service-2"))
