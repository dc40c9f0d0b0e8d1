"""MiniStack's own deliveries: rules to their targets, and queues and streams to functions.

They are made in here, without the wire, so they are announced here. Rules act as `events.amazonaws.com`,
mappings as `lambda.amazonaws.com`, whose call is the function's invocation.
"""

from collections.abc import Callable, Mapping
from typing import Any

from embedded import authority
from embedded.hook import service_calls
from embedded.hook.service_calls import InjectedFailure, ServiceCall

_LAMBDA, _EVENTS = "lambda.amazonaws.com", "events.amazonaws.com"
_TARGETS: Mapping[str, tuple[str, str]] = {
    "_dispatch_to_lambda": ("lambda", "Invoke"),
    "_dispatch_to_sqs": ("sqs", "SendMessage"),
    "_dispatch_to_sns": ("sns", "Publish"),
    "_dispatch_to_stepfunctions": ("states", "StartExecution"),
    "_dispatch_to_event_bus": ("events", "PutEvents"),
}
_OPERATIONS = dict(_TARGETS.values())
_MAPPING_STEPS = ("_run_sqs_batch", "_poll_kinesis", "_poll_dynamodb_streams")


def install() -> None:
    """Watch the deliveries; called after the mends, so that theirs are watched, too."""
    from ministack.services import eventbridge, lambda_svc

    from embedded.mends import rule_deliveries

    rule_deliveries._send = _announced(rule_deliveries._send)
    for name, target in _TARGETS.items():
        setattr(eventbridge, name, _made(getattr(eventbridge, name), *target))
    for name in _MAPPING_STEPS:
        setattr(lambda_svc, name, _by_lambda(getattr(lambda_svc, name)))
    lambda_svc._execute_function = _invoked(lambda_svc._execute_function)


def _announced(send: Callable[..., None]) -> Callable[..., None]:
    def announced(cloud: Any, shipment: Any) -> None:
        call = _delivery(shipment.target, shipment.rule)
        with service_calls.acting_as(call.on_behalf_of), service_calls.announced(call):
            send(cloud, shipment)

    return announced


def _delivery(target: Mapping[str, Any], rule: Mapping[str, Any]) -> ServiceCall:
    arn, role = str(target.get("Arn", "")), target.get("RoleArn")
    service = arn.split(":")[2] if arn.count(":") >= 5 else ""
    by = "scheduler.amazonaws.com" if ":scheduler:" in str(rule.get("Arn", "")) else _EVENTS
    principal = authority.assumed(role, "service") if role else ""
    return ServiceCall(by, service, _OPERATIONS.get(service, "Deliver"), arn, principal)


def _made(dispatch: Callable[..., Any], service: str, operation: str) -> Callable[..., Any]:
    def dispatched(target: Any, *rest: Any, **named: Any) -> Any:
        alone = ServiceCall(_EVENTS, service, operation, str(target))
        with service_calls.made(service_calls.under_way() or alone):
            return dispatch(target, *rest, **named)

    return dispatched


def _by_lambda(step: Callable[..., Any]) -> Callable[..., Any]:
    def stepped(*arguments: Any, **named: Any) -> Any:
        with service_calls.acting_as(_LAMBDA):
            return step(*arguments, **named)

    return stepped


def _invoked(execute: Callable[..., Any]) -> Callable[..., Any]:
    def execute_function(function: Any, event: Any) -> Any:
        if service_calls.acting() != _LAMBDA:
            return execute(function, event)
        arn = str((function.get("config") or function).get("FunctionArn", ""))
        # What is done inside the function's own scope is not a second invocation.
        try:
            with (
                service_calls.made(ServiceCall(_LAMBDA, "lambda", "Invoke", arn)),
                service_calls.acting_as(""),
            ):
                return execute(function, event)
        except InjectedFailure as failure:
            return {"error": True, "body": {"errorType": failure.code, "errorMessage": str(failure)}}

    return execute_function
