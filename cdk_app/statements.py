"""Policy statements, written out: these functions only save typing, they never decide what is allowed."""

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import IConstruct

Condition = Mapping[str, Mapping[str, str | Sequence[str]]]


def allow(*actions: str, on: str | Sequence[str], when: Condition | None = None) -> iam.PolicyStatement:
    """Allow `actions` on the resources `on`, if need be only under a condition."""
    return iam.PolicyStatement(
        actions=list(actions), resources=[on] if isinstance(on, str) else list(on), conditions=when
    )


def objects(bucket: s3.IBucket, *patterns: str) -> list[str]:
    """ARNs of the objects whose keys match."""
    return [bucket.arn_for_objects(pattern) for pattern in patterns]


def listing(action: str, bucket: s3.IBucket, *prefixes: str) -> iam.PolicyStatement:
    """Allow to list a bucket below the prefixes and nowhere else."""
    return allow(action, on=bucket.bucket_arn, when={"StringLike": {"s3:prefix": list(prefixes)}})


def logging_to(log_group_arn: str) -> iam.PolicyStatement:
    """Allow to write to one log group, which exists already; its ARN ends in `:*`: its streams."""
    return allow("logs:CreateLogStream", "logs:PutLogEvents", on=log_group_arn)


def tracing() -> iam.PolicyStatement:
    """Allow to send traces; X-Ray has no resources for these actions."""
    return allow("xray:PutTraceSegments", "xray:PutTelemetryRecords", on="*")


def pass_role(role_arn: str, *, to: str) -> iam.PolicyStatement:
    """Allow to hand a role to one service."""
    return allow("iam:PassRole", on=role_arn, when={"StringEquals": {"iam:PassedToService": to}})


def arn(scope: IConstruct, service: str, resource: str) -> str:
    """ARN of `resource` (e.g. `endpoint/abc-*`) of a service in this account and region."""
    stack = cdk.Stack.of(scope)
    return f"arn:{stack.partition}:{service}:{stack.region}:{stack.account}:{resource}"


def inline(statements: Sequence[iam.PolicyStatement]) -> dict[str, iam.PolicyDocument]:
    """The statements as the one inline policy of a role."""
    return {"Policy": iam.PolicyDocument(statements=list(statements))} if statements else {}
