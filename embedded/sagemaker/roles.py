"""Execution roles: who may pass one to SageMaker, and whether it trusts SageMaker."""

import json
from collections.abc import Mapping
from typing import Any

from embedded.cloud import AccessDenied, Cloud
from embedded.sagemaker.refusals import invalid
from embedded.wire import ApiError, Caller

PRINCIPAL = "sagemaker.amazonaws.com"


def check_passed(cloud: Cloud, caller: Caller, role_arn: str) -> None:
    """Refuse a role that the caller may not hand on, or that SageMaker may not assume."""
    if caller.role_arn:
        require(cloud, caller, "iam:PassRole", role_arn, {"iam:passedtoservice": PRINCIPAL})
    check_trust(role_arn)


def check_trust(role_arn: str) -> None:
    """Refuse a role that SageMaker may not assume."""
    if not _trusts(role_arn):
        raise invalid(f"Could not assume role {role_arn}. {trust_advice(role_arn)}")


def trust_advice(role_arn: str) -> str:
    """How SageMaker says that it cannot assume a role."""
    return (
        f'Please ensure that the role "{role_arn}" exists and that its trust relationship policy allows the '
        f'action "sts:AssumeRole" for the service principal "{PRINCIPAL}".'
    )


def require(
    cloud: Cloud, caller: Caller, action: str, resource: str, context: Mapping[str, Any] | None = None
) -> None:
    """Raise what AWS answers unless the caller's role allows an action that a request implies."""
    if caller.role_arn is None:
        return
    try:
        cloud.check(caller.role_arn, action, resource, context=context)
    except AccessDenied as error:
        reason = str(error).partition(" because ")[2] or "no identity-based policy allows it"
        raise ApiError(
            "AccessDeniedException",
            f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource} "
            f"because {reason}",
        ) from error


def _trusts(role_arn: str) -> bool:
    from ministack.services import iam

    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    role = iam._roles.get_scoped(account, None, name)
    if role is None or role["Arn"] != role_arn:
        return False
    return trusts(json.loads(role["AssumeRolePolicyDocument"]), PRINCIPAL)


def trusts(document: Mapping[str, Any], service: str) -> bool:
    """Whether a trust policy lets a service assume the role."""
    statements = document.get("Statement", [])
    statements = statements if isinstance(statements, list) else [statements]
    return any(_allows(statement, service) for statement in statements)


def _allows(statement: Mapping[str, Any], service: str) -> bool:
    actions = _listed(statement.get("Action"))
    principal = statement.get("Principal")
    services = _listed(principal.get("Service")) if isinstance(principal, Mapping) else []
    assumes = any(action in ("sts:AssumeRole", "sts:*", "*") for action in actions)
    return statement.get("Effect") == "Allow" and assumes and service in services


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])
