"""The role under which EventBridge Scheduler calls one target, and keeps what it could not deliver."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk_app.statements import allow, inline


def scheduler_role(
    scope: Construct, call: iam.PolicyStatement, dead: sqs.IQueue, *, group_arn: str | None = None
) -> iam.Role:
    """Only schedules of this account, and of a group that is named, may borrow it (confused deputy)."""
    source = {"aws:SourceAccount": cdk.Stack.of(scope).account}
    if group_arn is not None:
        source["aws:SourceArn"] = group_arn
    principal = iam.ServicePrincipal("scheduler.amazonaws.com", conditions={"StringEquals": source})
    statements = [call, allow("sqs:SendMessage", on=dead.queue_arn)]
    return iam.Role(scope, "Role", assumed_by=principal, inline_policies=inline(statements))
