"""Trust policies: whether a service may assume a role.

A statement counts when it names the service's principal, its action is `sts:AssumeRole` and its conditions
hold; services send `aws:SourceAccount` and, where they act for one resource, `aws:SourceArn`.
https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from collections.abc import Mapping
from typing import Any

_ASSUME = "sts:AssumeRole"


def trusts(document: str | Mapping[str, Any], service: str, *, account: str, source_arn: str = "") -> bool:
    """Whether a trust policy lets a service, such as `lambda.amazonaws.com`, assume the role.

    `account` and `source_arn` are the account and the resource for which the service acts.
    """
    from ministack.core import iam_evaluator
    from ministack.core.responses import get_region

    keys = {"aws:sourceaccount": account} | ({"aws:sourcearn": source_arn} if source_arn else {})
    context = iam_evaluator.EvalContext(
        # No principal of IAM: a statement for the account, or for a role in it, is none for its services.
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=_ASSUME,
        resource_arn="*",
        region=get_region(),
        secure_transport=True,
        service_context={**keys, "aws:principalisawsservice": "true", "aws:principalservicename": service},
    )
    document = dict(document) if isinstance(document, Mapping) else document
    found = iam_evaluator.evaluate_resource_policy(document, context, service=service)
    return bool(found.decision == "Allow")


def may_assume(service: str, role_arn: str, *, source_arn: str = "") -> bool:
    """Whether there is such a role, and its trust policy lets a service assume it for a resource.

    A service that also has a principal for each region, as Step Functions has, may be named by either.
    """
    role = find_role(role_arn)
    if role is None:
        return False
    document, account = role.get("AssumeRolePolicyDocument") or "{}", role_arn.split(":")[4]
    return any(trusts(document, name, account=account, source_arn=source_arn) for name in _names(service))


def find_role(role_arn: str) -> dict[str, Any] | None:
    """MiniStack's record of a role; None where there is none of exactly this ARN."""
    from ministack.services import iam

    if role_arn.count(":") < 5:
        return None
    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    role: dict[str, Any] | None = iam._roles.get_scoped(account, None, name)
    return role if role is not None and role["Arn"] == role_arn else None


def _names(service: str) -> tuple[str, ...]:
    from ministack.core.responses import get_region

    name, _, domain = service.partition(".")
    return (service, f"{name}.{get_region()}.{domain}") if name in _REGIONAL else (service,)


_REGIONAL = frozenset({"states", "logs"})
