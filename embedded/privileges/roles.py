"""Roles with their policies, as a deployed stack left them in IAM."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# What the CDK puts behind a logical id so that it stays unique: eight digits of a hash.
_HASH = re.compile(r"[0-9A-F]{8}$")


@dataclass(frozen=True)
class Role:
    """A role; `logical_name` is its id in the template without the CDK's hash, e.g. `PlanRunRole`."""

    name: str
    logical_name: str
    policies: tuple[Mapping[str, Any], ...]
    """Policy documents, inline and managed."""
    kind: str = ""
    """What it is the role of: a `function`, `machine`, `rule`, `schedule`, `job`, `build`, `endpoint`…"""


_KINDS: Mapping[str, str] = {
    "codebuild.amazonaws.com": "build",
    "ec2.amazonaws.com": "instance",
    "ecs-tasks.amazonaws.com": "job",
    "events.amazonaws.com": "rule",
    "lambda.amazonaws.com": "function",
    "sagemaker.amazonaws.com": "endpoint",
    "scheduler.amazonaws.com": "schedule",
    "states.amazonaws.com": "machine",
}


def deployed_roles(iam: Any, cloudformation: Any, stacks: Iterable[str]) -> list[Role]:
    """The roles of these stacks; `iam` and `cloudformation` are boto3 clients."""
    return [
        Role(name, logical_name(logical_id), tuple(_documents(iam, name)), _kind(iam, name))
        for stack in stacks
        for logical_id, name in _roles_of(cloudformation, stack)
    ]


def kind_of(trust_policy: Mapping[str, Any]) -> str:
    """What a role is for, by the service that its trust policy names first; people have none."""
    for statement in trust_policy.get("Statement", []):
        principal = statement.get("Principal")
        services = principal.get("Service", []) if isinstance(principal, Mapping) else []
        for service in [services] if isinstance(services, str) else services:
            return _KINDS.get(service, service.partition(".")[0])
    return "person"


def _kind(iam: Any, name: str) -> str:
    return kind_of(iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"])


def logical_name(logical_id: str) -> str:
    """A logical id without the hash at its end."""
    return _HASH.sub("", logical_id)


def _roles_of(cloudformation: Any, stack: str) -> Iterator[tuple[str, str]]:
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    for page in pages:
        for resource in page["StackResourceSummaries"]:
            if resource["ResourceType"] == "AWS::IAM::Role":
                yield resource["LogicalResourceId"], resource["PhysicalResourceId"]


def _documents(iam: Any, role: str) -> Iterator[Mapping[str, Any]]:
    for page in iam.get_paginator("list_role_policies").paginate(RoleName=role):
        for name in page["PolicyNames"]:
            yield iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    for page in iam.get_paginator("list_attached_role_policies").paginate(RoleName=role):
        for attached in page["AttachedPolicies"]:
            policy = iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]
            version = iam.get_policy_version(
                PolicyArn=attached["PolicyArn"], VersionId=policy["DefaultVersionId"]
            )
            yield version["PolicyVersion"]["Document"]
