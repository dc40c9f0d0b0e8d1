"""CloudFormation hands roles on for somebody: under the stack's role, else under whoever changes the stack.

MiniStack's CloudFormation acts as nobody and looks at no role, not even at the one that it is given. AWS uses
the role of the request, else the role that the stack was given before, else the caller's own permissions:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html

What else a stack's role may do is not asked here: only which roles it hands on, and to whom.
"""

import contextvars
from collections.abc import Mapping
from typing import Any

from embedded import authority
from embedded.handovers import catalog
from embedded.handovers.handover import NotPassed, Passer, Refused
from embedded.mends import passed_roles

_SERVICE = "cloudformation"
# MiniStack puts twelve characters behind a name that it makes up, as AWS does: no policy can know which.
_MADE_UP = "0A1B2C3D4E5F"
_ROLE = "RoleARN"

_passer: contextvars.ContextVar[Passer | None] = contextvars.ContextVar("stack_passer", default=None)


def install() -> None:
    """Remember for whom a stack is changed, and ask before each of its resources is made or changed."""
    from ministack import app
    from ministack.services.cloudformation import provisioners, stacks

    app.SERVICE_HANDLERS[_SERVICE] = _remembering(app.SERVICE_HANDLERS[_SERVICE])
    provision, update = provisioners._provision_resource, provisioners._update_resource

    def provision_resource(type_name: str, logical_id: str, properties: Any, stack_name: str) -> Any:
        check(type_name, properties, made_up=f"{stack_name}-{logical_id}-{_MADE_UP}")
        return provision(type_name, logical_id, properties, stack_name)

    def update_resource(
        type_name: str, physical_id: str, before: Any, after: Any, *rest: Any, **named: Any
    ) -> Any:
        if before != after:
            check(type_name, after, made_up=physical_id)
        return update(type_name, physical_id, before, after, *rest, **named)

    for module in (provisioners, stacks):
        module._provision_resource = provision_resource
        module._update_resource = update_resource


def check(type_name: str, properties: Mapping[str, Any], *, made_up: str) -> None:
    """Raise ValueError, which fails the resource, unless the roles in its properties may be handed on."""
    passer = _passer.get()
    if passer is None:
        return
    try:
        for handover in catalog.of_type(type_name):
            handover.check(named(type_name, properties, made_up), passer)
    except NotPassed as denied:
        raise ValueError(_reason(str(denied), "AccessDenied")) from denied
    except Refused as refused:
        raise ValueError(_reason(str(refused), "InvalidRequest")) from refused


def named(type_name: str, properties: Mapping[str, Any], made_up: str) -> dict[str, Any]:
    """Properties with the name that the resource gets."""
    return {catalog.NAMES.get(type_name, "Name"): made_up} | dict(properties)


def under(role_arn: str) -> Passer:
    """Hands roles on under a stack's role."""

    def check_role(passed: str, keys: Mapping[str, str]) -> None:
        lower = {key.lower(): value for key, value in keys.items()}
        try:
            authority.check(role_arn, "iam:PassRole", passed, context=lower)
        except authority.AccessDenied as denied:
            raise NotPassed(str(denied)) from denied

    return check_role


def _reason(message: str, code: str) -> str:
    return f'Resource handler returned message: "{message}" (HandlerErrorCode: {code})'


def _remembering(handler: Any) -> Any:
    async def handle(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        params = passed_roles.parameters(_SERVICE, f"{_SERVICE}:", path, body=body, query=query)
        role_arn = params.get(_ROLE) or _role_of_stack(params)
        caller = passed_roles.Caller.of(headers, query)
        token = _passer.set(under(role_arn) if role_arn else caller.check)
        try:
            answer = await handler(method, path, headers, body, query)
        finally:
            _passer.reset(token)
        if params.get(_ROLE) and answer[0] < 400:
            _keep(params)
        return answer

    return handle


def _stack(params: Mapping[str, Any]) -> dict[str, Any] | None:
    """The stack that a request is about, by its name or by that of its change set."""
    from ministack.services.cloudformation import _stacks, changesets, handlers

    name = str(params.get("StackName") or "")
    if not name and params.get("ChangeSetName"):
        _, found = changesets._find_change_set(params["ChangeSetName"])
        name = (found or {}).get("StackName", "")
    stack: dict[str, Any] | None = handlers._resolve_stack(name) if name else None
    return stack or _stacks.get(name)


def _role_of_stack(params: Mapping[str, Any]) -> str:
    stack = _stack(params) or {}
    gone = stack.get("StackStatus") == "DELETE_COMPLETE"
    return "" if gone else str(stack.get(_ROLE, ""))


def _keep(params: Mapping[str, Any]) -> None:
    stack = _stack(params)
    if stack is not None:
        stack[_ROLE] = params[_ROLE]
