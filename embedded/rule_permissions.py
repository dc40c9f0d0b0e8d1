"""What a rule needs for a target: its role's permission and trust, or the target's own policy.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-identity-based.html
"""

from collections.abc import Callable, Mapping
from typing import Any

from embedded import authority, resource_policies

_EVENTS = "events.amazonaws.com"
Target = Mapping[str, Any]
Needs = list[tuple[str, str]]


def refusal(target: Target, rule_arn: str) -> str | None:
    """Why a rule may not deliver to a target; None where it may."""
    role_arn, needs = target.get("RoleArn"), needed(target)
    if not needs:
        return f"{target['Arn']} is of no service whose permissions are known here"
    if role_arn:
        return _refused_to_role(role_arn, needs, rule_arn)
    action, arn = needs[0]
    return resource_policies.refusal(_EVENTS, action, arn, source_arn=rule_arn)


def _refused_to_role(role_arn: str, needs: Needs, rule_arn: str) -> str | None:
    try:
        authority.require_trust(role_arn, _EVENTS, source_arn=rule_arn)
        for action, arn in needs:
            authority.check(role_arn, action, arn)
    except authority.AccessDenied as denied:
        return str(denied)
    return None


def needed(target: Target) -> Needs:
    """Pairs of action and ARN; none for a service whose permissions are not known here."""
    arn = str(target["Arn"])
    service = arn.split(":")[2]
    if ":api-destination/" in arn:
        return [("events:InvokeApiDestination", arn)]
    return _NEEDS[service](target) if service in _NEEDS else []


def _acts(action: str) -> Callable[[Target], Needs]:
    return lambda target: [(action, str(target["Arn"]))]


def _submit_job(target: Target) -> Needs:
    definition = str((target.get("BatchParameters") or {}).get("JobDefinition", "*"))
    prefix = str(target["Arn"]).rpartition(":")[0]
    named = definition if definition.startswith("arn:") else f"{prefix}:job-definition/{definition}"
    return [("batch:SubmitJob", named), ("batch:SubmitJob", str(target["Arn"]))]


_NEEDS: Mapping[str, Callable[[Target], Needs]] = {
    "batch": _submit_job,
    "codebuild": _acts("codebuild:StartBuild"),
    "events": _acts("events:PutEvents"),
    "firehose": _acts("firehose:PutRecord"),
    "kinesis": _acts("kinesis:PutRecord"),
    "lambda": _acts("lambda:InvokeFunction"),
    "sns": _acts("sns:Publish"),
    "sqs": _acts("sqs:SendMessage"),
    "states": _acts("states:StartExecution"),
}
