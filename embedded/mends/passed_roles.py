"""Roles are handed to services only by who may pass them, and only to services that they trust.

MiniStack never asks for `iam:PassRole`, and takes roles that the service could not assume. AWS asks both when
a resource is made or changed, for every caller but the account's root user, who may pass any role:
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from embedded import registration
from embedded.handovers import catalog
from embedded.handovers.handover import NotPassed, Refused

Answer = tuple[int, dict[str, str], bytes]

_PASS_ROLE = "iam:PassRole"  # noqa: S105 - an action, not a secret
# A request that names no role anywhere is not looked at more closely.
_NAMES_ROLE = re.compile(rb"[Rr]ole")
# Bodies of objects, not parameters.
_NOT_LOOKED_AT = frozenset({"s3"})


def install() -> None:
    """Put the questions before every service's handler; called when all services are there."""
    from ministack import app

    for name, handler in list(app.SERVICE_HANDLERS.items()):
        if name not in _NOT_LOOKED_AT:
            app.SERVICE_HANDLERS[name] = _gated(name, handler)


def _gated(service: str, handler: Any) -> Any:
    async def handle(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        refused = refusal(service, method, path, headers=headers, body=body, query=query)
        return refused or await handler(method, path, headers, body, query)

    return handle


def refusal(
    service: str, method: str, path: str, *, headers: Any, body: bytes, query: Mapping[str, Any]
) -> Answer | None:
    """AWS's answer where a request hands over a role that it may not; None where it may."""
    from ministack.core import iam_actions

    named = _NAMES_ROLE.search(body or b"") or any("ole" in key for key in query)
    action = iam_actions.extract_iam_action(service, method, path, headers, body, query) if named else None
    if not action:
        return None
    params = parameters(service, action, path, body=body, query=query)
    try:
        for handover in catalog.of_operation(action):
            handover.check(params, Caller.of(headers, query).check)
    except NotPassed as denied:
        return _denied(service, headers, str(denied))
    except Refused as refused:
        return _error(service, refused.code, str(refused))
    return None


def parameters(
    service: str, action: str, path: str, *, body: bytes, query: Mapping[str, Any]
) -> dict[str, Any]:
    """What a request's body, form or path says, by the names of the API."""
    if body[:1] == b"{" or not body:
        models = registration.models_of(service)
        return registration.parameters(models, action.partition(":")[2], path, body) or _flat(query)
    return _flat(query) | dict(parse_qsl(body.decode("utf-8", "replace")))


def _flat(query: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value[0] if isinstance(value, list) else value for key, value in query.items()}


class Caller:
    """Who made a request, by the access key that signed it."""

    def __init__(self, access_key: str, region: str) -> None:
        self._access_key = access_key
        self._region = region

    @classmethod
    def of(cls, headers: Any, query: Any) -> "Caller":
        """The caller of a request."""
        from ministack.core.responses import get_region
        from ministack.core.router import extract_access_key_id

        return cls(extract_access_key_id(headers, query), get_region())

    def check(self, role_arn: str, keys: Mapping[str, str]) -> None:
        """Raise NotPassed unless the caller may pass a role."""
        from ministack.core import iam_actions, iam_evaluator

        denied = iam_evaluator.enforce(
            self._access_key,
            _PASS_ROLE,
            "iam",
            self._region,
            resource_arn=role_arn,
            service_context=dict(keys),
        )
        if denied:
            explicit = getattr(denied, "decision", "") == "Deny"
            principal = getattr(denied, "principal_arn", "")
            raise NotPassed(
                iam_actions.identity_denial_message(_PASS_ROLE, principal, role_arn, explicit)
            ) from None


def _denied(service: str, headers: Any, message: str) -> Answer:
    from ministack.core import iam_actions, responses

    answer: Answer = iam_actions.access_denied_response(
        service, _PASS_ROLE, "", responses.new_uuid(), message=message, headers=headers
    )
    return answer


def _error(service: str, code: str, message: str) -> Answer:
    from ministack.core.responses import error_response_json
    from ministack.services.cloudformation import helpers

    make = helpers._error if service == "cloudformation" else error_response_json
    answer: Answer = make(code, message, 400)
    return answer
