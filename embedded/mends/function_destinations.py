"""What a function could not handle goes to its queue under the function's role; MiniStack asks nobody.

AWS asks already when a dead-letter queue or a destination is set, and counts what it may not deliver:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

import logging
from collections.abc import Mapping
from typing import Any

from embedded import authority

logger = logging.getLogger(__name__)

_ACTIONS = {
    "events": "events:PutEvents",
    "lambda": "lambda:InvokeFunction",
    "s3": "s3:PutObject",
    "sns": "sns:Publish",
    "sqs": "sqs:SendMessage",
}


def install() -> None:
    """Ask when a destination is set and when it is used."""
    from ministack.services import lambda_svc

    route, put = lambda_svc._route_async_failure, lambda_svc._put_event_invoke_config

    def route_failure(target_arn: str, name: str, event: Any, result: Any) -> None:
        config = (lambda_svc._functions.get(name) or {}).get("config", {})
        reason = refusal(config.get("Role", ""), target_arn)
        if reason is None:
            route(target_arn, name, event, result)
        else:
            _fail(config, target_arn, reason)

    def put_config(name: str, qualifier: str | None, request: dict[str, Any]) -> Any:
        role_arn = (lambda_svc._functions.get(name) or {}).get("config", {}).get("Role", "")
        return _refused(role_arn, request) or put(name, qualifier, request)

    lambda_svc._route_async_failure = route_failure
    lambda_svc._put_event_invoke_config = put_config


def refusal(role_arn: str, target_arn: str) -> str | None:
    """Why a function's role may not deliver to a destination; None where it may."""
    action = _ACTIONS.get(target_arn.split(":")[2])
    if action is None:
        return f"{target_arn} is no destination"
    try:
        authority.check(role_arn, action, target_arn)
    except authority.AccessDenied as denied:
        return str(denied)
    return None


def _refused(role_arn: str, request: Mapping[str, Any]) -> Any:
    from ministack.core.responses import error_response_json

    configured = (request.get("DestinationConfig") or {}).values()
    targets = [each["Destination"] for each in configured if each.get("Destination")]
    closed = [each for each in targets if role_arn and refusal(role_arn, each)]
    if not closed:
        return None
    operation = _ACTIONS[closed[0].split(":")[2]].partition(":")[2]
    message = f"The function's execution role does not have permissions to call {operation} on {closed[0]}"
    return error_response_json("InvalidParameterValueException", message, 400)


def _fail(config: Mapping[str, Any], target_arn: str, reason: str) -> None:
    from ministack.services import cloudwatch

    logger.warning("%s: %s", config.get("FunctionName"), reason)
    is_queue = (config.get("DeadLetterConfig") or {}).get("TargetArn") == target_arn
    metric = "DeadLetterErrors" if is_queue else "DestinationDeliveryFailures"
    dimensions = {"FunctionName": str(config.get("FunctionName", ""))}
    cloudwatch.record_metric("AWS/Lambda", metric, 1, "Count", dimensions)
