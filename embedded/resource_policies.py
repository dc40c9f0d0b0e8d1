"""What the policy of a queue, topic, function or bus lets a service do to it, in a delivery without a role.

The service is the principal, and says for which resource it acts: `aws:SourceArn` and `aws:SourceAccount`.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourcearn
"""

from typing import Any

from embedded import calls
from embedded.environment import REGION

# Who also sends the older key, on which a topic's default policy relies.
_SENDS_OWNER = frozenset({"cloudwatch.amazonaws.com", "s3.amazonaws.com"})


def refusal(service: str, action: str, arn: str, *, source_arn: str) -> str | None:
    """Why a resource does not let a service act on it for another resource; None where it does."""
    if allows(service, action, arn, source_arn=source_arn):
        return None
    return (
        f"User: {service} is not authorized to perform: {action} on resource: {arn} "
        f"because no resource-based policy allows the {action} action"
    )


def allows(service: str, action: str, arn: str, *, source_arn: str) -> bool:
    """Whether the policy of a resource that exists allows it."""
    from ministack.core import iam_evaluator

    found = iam_evaluator._resource_policy(action.partition(":")[0], arn)
    if found is None:
        return False
    context = _context(service, action, arn, source_arn)
    with calls.made_by_a_service():
        decision = iam_evaluator.evaluate_resource_policy(found[0], context, service=service).decision
    return bool(decision == "Allow")


def account_of(arn: str) -> str:
    """The account in an ARN; that of a bucket, whose ARN has none, is its owner's."""
    from ministack.core.responses import get_account_id
    from ministack.services import s3

    account = arn.split(":")[4] if arn.count(":") > 4 else ""
    owner = s3._bucket_owner_account(arn.rpartition(":")[2]) if arn.startswith("arn:aws:s3:::") else None
    return str(account or owner or get_account_id())


def _context(service: str, action: str, arn: str, source_arn: str) -> Any:
    from ministack.core import iam_evaluator

    account = account_of(source_arn)
    owner = {"aws:sourceowner": account} if service in _SENDS_OWNER else {}
    return iam_evaluator.EvalContext(
        # No principal of IAM: what is granted to the account is not granted to its services.
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=arn,
        region=REGION,
        secure_transport=True,
        service_context={
            "aws:sourcearn": source_arn,
            "aws:sourceaccount": account,
            "aws:principalisawsservice": "true",
            "aws:principalservicename": service,
            **owner,
        },
    )
