"""MiniStack's own deliveries: rules to their targets, and queues and streams to functions.

They are made in here, without the wire, so they are announced here. Rules act as `events.amazonaws.com`,
mappings as `lambda.amazonaws.com`, whose call is the function's invocation.
"""

from collections.abc import Callable, Mapping
from typing import Any

from embedded import authority
from embedded.hook import service_calls
from embedded.hook.service_calls import InjectedFailure, ServiceCall

_LAMBDA = "lambda.amazonaws.com"
_TARGETS: Mapping[str, tuple[str, str, str]] = {
    "_dispatch_to_lambda": ("lambda", "Invoke", "lambda"),
    "_dispatch_to_sqs": ("sqs", "SendMessage", "sqs"),
    "_dispatch_to_sns": ("sns", "Publish", "sns"),
    "_dispatch_to_stepfunctions": ("states", "StartExecution", "states"),
    "_dispatch_to_event_bus": ("events", "PutEvents", "events"),
}
_OPERATIONS = {service: operation for service, operation, _ in _TARGETS.values()}
_MAPPING_STEPS = ("_run_sqs_batch", "_poll_kinesis", "_poll_dynamodb_streams")


def install() -> None:
    """Watch the deliveries; called after the mends, so that theirs are watched, too."""
    from ministack.services import eventbridge, lambda_svc

    eventbridge._invoke_target = _announced(eventbridge._invoke_target)
    for name in _TARGETS:
        setattr(eventbridge, name, _made(getattr(eventbridge, name)))
    for name in _MAPPING_STEPS:
        setattr(lambda_svc, name, _by_lambda(getattr(lambda_svc, name)))
    lambda_svc._execute_function = _invoked(lambda_svc._execute_function)


def _announced(invoke: Callable[..., None]) -> Callable[..., None]:
    def invoke_target(target: Any, event: Any, rule: Any, *rest: Any) -> None:
        call = _delivery(target, rule)
        with service_calls.acting_as(call.on_behalf_of), service_calls.announced(call):
            invoke(target, event, rule, *rest)

    return invoke_target


def _delivery(target: Mapping[str, Any], rule: Mapping[str, Any]) -> ServiceCall:
    arn = str(target.get("Arn", ""))
    service = arn.split(":")[2] if arn.count(":") >= 5 else ""
    by = "scheduler" if ":scheduler:" in str(rule.get("Arn", "")) else "events"
    role = target.get("RoleArn")
    return ServiceCall(
        on_behalf_of=f"{by}.amazonaws.com",
        service=service,
        operation=_OPERATIONS.get(service, "Deliver"),
        resource=arn,
        principal=authority.assumed(role, "service") if role else "",
    )


def _made(dispatch: Callable[..., Any]) -> Callable[..., Any]:
    def dispatched(*arguments: Any, **named: Any) -> Any:
        call = service_calls.under_way()
        if call is None:
            return dispatch(*arguments, **named)
        with service_calls.made(call):
            return dispatch(*arguments, **named)

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
