"""Who may do what, by MiniStack's IAM: sessions of roles, and checks of what services do under them."""

import hashlib
from collections.abc import Mapping
from typing import Any

from embedded import calls, trust


class AccessDenied(Exception):
    """A role lacks a permission, does not trust who would act, or does not exist; worded as AWS words it."""

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


def session(
    role_arn: str, session_name: str, *, service: str | None = None, source_arn: str = ""
) -> dict[str, str]:
    """Credentials of a session of a role, always the same for the same name, without an end.

    `service` is who assumes the role, such as `ecs-tasks.amazonaws.com`, and `source_arn` for which resource:
    its trust policy must let it. None: nobody asks.
    """
    from ministack.services import sts

    require_trust(role_arn, service, source_arn=source_arn)
    digest = hashlib.sha256(f"{role_arn}:{session_name}".encode()).hexdigest()
    keys = {
        "AWS_ACCESS_KEY_ID": f"ASIA{digest[:16].upper()}",
        "AWS_SECRET_ACCESS_KEY": hashlib.sha256(f"secret:{digest}".encode()).hexdigest(),
        "AWS_SESSION_TOKEN": hashlib.sha256(f"token:{digest}".encode()).hexdigest(),
    }
    sts.register_session(keys["AWS_ACCESS_KEY_ID"], _session(role_arn, session_name, keys))
    return keys


def require_trust(role_arn: str, service: str | None, *, source_arn: str = "") -> None:
    """Raise AccessDenied unless there is such a role and, where one is named, a service may assume it."""
    trusted = trust.may_assume(service, role_arn, source_arn=source_arn) if service else True
    if not trusted or trust.find_role(role_arn) is None:
        raise AccessDenied(role_arn, "sts:AssumeRole", role_arn)


def _session(role_arn: str, session_name: str, keys: dict[str, str]) -> dict[str, str]:
    return {
        "Arn": assumed(role_arn, session_name),
        "UserId": f"{role_arn.rpartition('/')[2]}:{session_name}",
        "SecretAccessKey": keys["AWS_SECRET_ACCESS_KEY"],
        "SessionToken": keys["AWS_SESSION_TOKEN"],
    }


def check(role_arn: str, action: str, resource: str, *, context: Mapping[str, Any] | None = None) -> None:
    """Raise AccessDenied unless a role may do `action` on `resource`.

    Its policies and boundary decide, and the resource's own policy, as for a client under the role.
    `context` holds the service's own condition keys, in lower case: `{"iam:passedtoservice": "…"}`.
    """
    from ministack.core import iam_evaluator

    if trust.find_role(role_arn) is None:
        raise AccessDenied(role_arn, action, resource)
    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    request, limits = _context(role_arn, action, resource, context or {}), _boundary(name, account)
    with calls.made_by_a_service():
        found = iam_evaluator.evaluate(request, iam_evaluator._gather_role_policies(name, account), *limits)
        found = _with_resource_policy(found, request, limits)
    if found.decision != "Allow":
        raise AccessDenied(role_arn, action, resource, explicit=found.decision == "Deny")


def _with_resource_policy(found: Any, request: Any, limits: Any) -> Any:
    from ministack.core import iam_evaluator

    service = request.action.partition(":")[0]
    policy = iam_evaluator._resource_policy(service, request.resource_arn)
    if policy is None:
        return found
    required = service in iam_evaluator._POLICY_REQUIRED
    return iam_evaluator.combine_resource_policy(found, request, *policy, required=required, limits=limits)


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
