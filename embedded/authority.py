"""Who may do what, by MiniStack's IAM: sessions of roles, and checks of what services do under them."""

import hashlib
from collections.abc import Mapping
from typing import Any

from embedded import calls


class AccessDenied(Exception):
    """A role lacks a permission, or does not exist. The message is worded as AWS words it."""

    def __init__(self, role_arn: str, action: str, resource: str, *, explicit: bool = False) -> None:
        reason = (
            "with an explicit deny in an identity-based policy"
            if explicit
            else f"because no identity-based policy allows the {action} action"
        )
        super().__init__(
            f"User: {assumed(role_arn, 'service')} is not authorized to perform: {action} "
            f"on resource: {resource} {reason}"
        )
        self.role_arn = role_arn
        self.action = action
        self.resource = resource


def assumed(role_arn: str, session_name: str) -> str:
    """The ARN of a session of a role. Sessions carry the role's name without its path."""
    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    return f"arn:aws:sts::{account}:assumed-role/{name}/{session_name}"


def session(role_arn: str, session_name: str) -> dict[str, str]:
    """Credentials of a session of a role, always the same for the same name, without an end."""
    from ministack.services import sts

    _role(role_arn, "sts:AssumeRole", role_arn)
    digest = hashlib.sha256(f"{role_arn}:{session_name}".encode()).hexdigest()
    keys = {
        "AWS_ACCESS_KEY_ID": f"ASIA{digest[:16].upper()}",
        "AWS_SECRET_ACCESS_KEY": hashlib.sha256(f"secret:{digest}".encode()).hexdigest(),
        "AWS_SESSION_TOKEN": hashlib.sha256(f"token:{digest}".encode()).hexdigest(),
    }
    sts.register_session(keys["AWS_ACCESS_KEY_ID"], _session(role_arn, session_name, keys))
    return keys


def _session(role_arn: str, session_name: str, keys: dict[str, str]) -> dict[str, str]:
    return {
        "Arn": assumed(role_arn, session_name),
        "UserId": f"{role_arn.rpartition('/')[2]}:{session_name}",
        "SecretAccessKey": keys["AWS_SECRET_ACCESS_KEY"],
        "SessionToken": keys["AWS_SESSION_TOKEN"],
    }


def check(role_arn: str, action: str, resource: str, *, context: Mapping[str, Any] | None = None) -> None:
    """Raise AccessDenied unless the role's policies and boundary allow `action` on `resource`.

    `context` holds the service's own condition keys, in lower case: `{"iam:passedtoservice": "…"}`.
    """
    from ministack.core import iam_evaluator

    _role(role_arn, action, resource)
    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    with calls.made_by_a_service():
        decision = iam_evaluator.evaluate(
            _context(role_arn, action, resource, context or {}),
            iam_evaluator._gather_role_policies(name, account),
            *_boundary(name, account),
        ).decision
    if decision != "Allow":
        raise AccessDenied(role_arn, action, resource, explicit=decision == "Deny")


def _context(role_arn: str, action: str, resource: str, context: Mapping[str, Any]) -> Any:
    from ministack.core import iam_evaluator
    from ministack.core.responses import get_region

    return iam_evaluator.EvalContext(
        principal_arn=assumed(role_arn, "service"),
        principal_type="AssumedRole",
        principal_account=role_arn.split(":")[4],
        action=action,
        resource_arn=resource,
        region=get_region(),
        secure_transport=True,
        service_context=dict(context),
    )


def _boundary(name: str, account: str) -> Any:
    from ministack.core import iam_evaluator
    from ministack.services import iam

    return iam_evaluator._permissions_boundary(iam._roles, name, account)


def _role(role_arn: str, action: str, resource: str) -> Any:
    from ministack.services import iam

    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    role = iam._roles.get_scoped(account, None, name)
    if role is None or role["Arn"] != role_arn:
        raise AccessDenied(role_arn, action, resource)
    return role
