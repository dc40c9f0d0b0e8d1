"""Rules and schedules deliver under their own permissions, and to Lambda as asynchronous invocations.

MiniStack delivers whatever the role and the target's policy say, and calls a function once without retrying.
What may not be delivered goes to the target's dead-letter queue and counts as a failed invocation, as on AWS:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
"""

import json
import logging
from collections.abc import Mapping
from typing import Any

from embedded import authority, calls
from embedded.environment import REGION

logger = logging.getLogger(__name__)

_EVENTS = "events.amazonaws.com"
_ACTIONS = {
    "states": "states:StartExecution",
    "lambda": "lambda:InvokeFunction",
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "events": "events:PutEvents",
}


def install() -> None:
    """Ask before a target is invoked."""
    from ministack.services import eventbridge, lambda_svc

    invoke = eventbridge._invoke_target

    def invoke_target(target: Any, event: Any, rule: Any, view: Any = None) -> None:
        reason = _refusal(target, rule)
        if reason:
            _fail(target, rule, event, reason)
        else:
            invoke(target, event, rule, view)

    def dispatch_to_lambda(arn: str, payload: str) -> None:
        function, config, _ = lambda_svc._get_func_record_for_ref(arn)
        if function and config:
            record = lambda_svc._execution_record_for_config(function, config)
            lambda_svc.invoke_async_with_retry(record, json.loads(payload))

    eventbridge._invoke_target = invoke_target
    eventbridge._dispatch_to_lambda = dispatch_to_lambda


def _refusal(target: Mapping[str, Any], rule: Mapping[str, Any]) -> str | None:
    service = str(target["Arn"]).split(":")[2]
    if service not in _ACTIONS:
        return None
    if not target.get("RoleArn"):
        allowed = _allowed_by_target(service, target["Arn"], rule["Arn"])
        return (
            None if allowed else f"its policy does not allow {_EVENTS} {_ACTIONS[service]} for {rule['Arn']}"
        )
    try:
        authority.check(target["RoleArn"], _ACTIONS[service], target["Arn"])
    except authority.AccessDenied as denied:
        return str(denied)
    return None


def _allowed_by_target(service: str, arn: str, rule_arn: str) -> bool:
    from ministack.core import iam_evaluator

    context = iam_evaluator.EvalContext(
        principal_arn=_EVENTS,
        principal_type="Service",
        principal_account=rule_arn.split(":")[4],
        action=_ACTIONS[service],
        resource_arn=arn,
        region=REGION,
        secure_transport=True,
        service_context={"aws:sourcearn": rule_arn, "aws:sourceaccount": rule_arn.split(":")[4]},
    )
    with calls.made_by_a_service():
        policy = _policy_of(service, arn)
        decision = iam_evaluator.evaluate_resource_policy(policy, context, service=_EVENTS).decision
    return bool(decision == "Allow")


def _policy_of(service: str, arn: str) -> Any:
    from ministack.services import lambda_svc, sns, sqs

    if service == "lambda":
        function, _, _ = lambda_svc._get_func_record_for_ref(arn)
        return (function or {}).get("policy")
    if service == "sqs":
        return (sqs._queue_by_arn(arn) or {}).get("attributes", {}).get("Policy")
    if service == "sns":
        return (sns._topics.get(arn) or {}).get("attributes", {}).get("Policy")
    return None


def _fail(target: Mapping[str, Any], rule: Mapping[str, Any], event: Any, reason: str) -> None:
    from ministack.services import cloudwatch, sqs

    logger.warning("%s did not reach %s: %s", rule.get("Name"), target["Arn"], reason)
    dimensions = {"RuleName": rule.get("Name", "")}
    cloudwatch.record_metric("AWS/Events", "FailedInvocations", 1, "Count", dimensions)
    dead = (target.get("DeadLetterConfig") or {}).get("Arn")
    queue = sqs._queue_by_arn(dead) if dead else None
    if queue:
        body = {"MessageBody": json.dumps(event, default=str), "MessageAttributes": _explain(reason)}
        sqs._act_send_message(body, queue["url"])


def _explain(reason: str) -> dict[str, Any]:
    values = {"ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": reason}
    return {key: {"DataType": "String", "StringValue": value} for key, value in values.items()}
