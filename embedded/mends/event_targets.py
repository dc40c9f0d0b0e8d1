"""Rules and schedules deliver under their own permissions, and to Lambda as asynchronous invocations.

MiniStack delivers whatever the role and the target's policy say, and calls a function once without retrying.
What may not be delivered goes to the target's dead-letter queue and counts as a failed invocation, as on AWS:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from embedded import rule_permissions
from embedded.schedules.attempts import NotDelivered

_CHANGES = ("Input", "InputPath", "InputTransformer")


def install() -> None:
    """Call functions as AWS does: asynchronously, with their own retries."""
    from ministack.services import eventbridge, lambda_svc

    def dispatch_to_lambda(arn: str, payload: str) -> None:
        function, config, _ = lambda_svc._get_func_record_for_ref(arn)
        if function and config:
            record = lambda_svc._execution_record_for_config(function, config)
            lambda_svc.invoke_async_with_retry(record, json.loads(payload))

    eventbridge._dispatch_to_lambda = dispatch_to_lambda


def hand_over(target: Mapping[str, Any], payload: str, event: Any, rule: Mapping[str, Any]) -> None:
    """Give a target that is served in here what it gets; NotDelivered where there is none."""
    from ministack.core.arn import parse_arn
    from ministack.services import eventbridge

    spec = parse_arn(target["Arn"])
    if spec.service == "lambda":
        _check_json(payload)
        eventbridge._dispatch_to_lambda(target["Arn"], payload)
    elif spec.service == "sqs":
        eventbridge._dispatch_to_sqs(spec, payload, target.get("SqsParameters") or {})
    elif spec.service == "sns":
        eventbridge._dispatch_to_sns(target["Arn"], payload)
    elif spec.resource.startswith("api-destination/"):
        eventbridge._dispatch_to_api_destination(spec, payload, target)
    else:
        changed = payload if any(target.get(kind) for kind in _CHANGES) else None
        path = set(event.get("_DispatchPath") or [])
        eventbridge._dispatch_to_event_bus(spec, event, rule, path, changed)


def _check_json(payload: str) -> None:
    try:
        json.loads(payload)
    except ValueError as error:
        raise NotDelivered("INVALID_JSON", f"A function takes JSON only: {error}", may_retry=False) from error


def check_exists(arn: str) -> None:
    """Raise NotDelivered unless a target that is served in here exists."""
    service = arn.split(":")[2]
    if not _exists(service, arn):
        raise NotDelivered("NO_RESOURCE", f"{arn} does not exist.", may_retry=False)


def _exists(service: str, arn: str) -> bool:
    from ministack.services import eventbridge, lambda_svc, sns, sqs

    name = arn.rpartition("/")[2]
    found: dict[str, Callable[[], Any]] = {
        "lambda": lambda: lambda_svc._get_func_record_for_ref(arn)[1],
        "sqs": lambda: sqs._queue_by_arn(arn),
        "sns": lambda: sns._topics.get(arn),
        "events": lambda: ":api-destination/" in arn or name in eventbridge._event_buses,
    }
    return bool(found[service]())


def refusal(target: Mapping[str, Any], rule: Mapping[str, Any]) -> str | None:
    """Why a rule may not deliver to a target; None where it may."""
    return rule_permissions.refusal(target, rule["Arn"])
