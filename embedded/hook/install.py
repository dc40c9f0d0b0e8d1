"""Puts the hook in place: around IAM before services start, around requests and deliveries after."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from embedded import calls
from embedded.hook import deliveries, gate, service_calls, world
from embedded.hook.hook import Hook
from embedded.hook.inflight import open_call
from embedded.hook.operations import action_operation
from embedded.hook.record import Check, Record
from embedded.hook.service_calls import ServiceCall


def install(state_dir: Path) -> Hook:
    """Record what IAM is asked, from now on."""
    from ministack.core import iam_evaluator

    hook = Hook(state_dir, catalog=world.catalog(), world=world.MiniStackWorld())
    service_calls.install(hook)
    watch_evaluations(iam_evaluator, hook)
    return hook


def wrap(app: Any, hook: Hook) -> Any:
    """MiniStack's application with the hook around requests and deliveries; called after the mends."""
    hook.describer.catalog = world.catalog()
    gate.wrap_dispatch(app, hook)
    deliveries.install()
    app.app = gate.Gate(app.app, hook)
    return app


def watch_evaluations(iam_evaluator: Any, hook: Hook) -> None:
    """See every evaluation of a caller's policies, and of a resource's own where a service delivers to it."""
    evaluate, of_a_resource = iam_evaluator.evaluate, iam_evaluator.evaluate_resource_policy
    combine = iam_evaluator.combine_resource_policy

    def watched(context: Any, policies: Any, *limits: Any) -> Any:
        result = evaluate(context, policies, *limits)
        if not calls.is_of_a_resource() and hook.is_on:
            _note(hook, _check(context, result.decision))
        return result

    def watched_of_a_resource(document: Any, context: Any, *rest: Any, **named: Any) -> Any:
        # It is evaluated by the same function; what a role may do is not in it.
        with calls.of_a_resource():
            result = of_a_resource(document, context, *rest, **named)
        if named.get("service") and calls.is_made_by_a_service() and hook.is_on:
            _note_delivery(named["service"], _check(context, result.decision))
        return result

    def watched_combination(*arguments: Any, **named: Any) -> Any:
        with calls.of_a_resource():
            return combine(*arguments, **named)

    iam_evaluator.evaluate = watched
    iam_evaluator.evaluate_resource_policy = watched_of_a_resource
    iam_evaluator.combine_resource_policy = watched_combination


def _check(context: Any, decision: str) -> Check:
    return Check(
        action=context.action,
        resource=context.resource_arn,
        decision=decision,
        principal=context.principal_arn,
        context={**context.service_context, **context.principal_keys},
    )


def _note(hook: Hook, check: Check) -> None:
    request = open_call()
    if calls.is_made_by_a_service():
        service, operation = action_operation(check.action)
        call = ServiceCall(service_calls.acting(), service, operation, check.resource, check.principal)
        service_calls.checked(call, check)
    elif request is not None:
        request.checks.append(check)
    else:
        hook.write(_alone(check))


def _note_delivery(by: str, check: Check) -> None:
    service, operation = action_operation(check.action)
    service_calls.checked(ServiceCall(by, service, operation, check.resource), replace(check, principal=by))


def _alone(check: Check) -> Record:
    service, operation = action_operation(check.action)
    return Record(
        at=time.time(),
        duration=0.0,
        principal=check.principal,
        by_service=False,
        on_behalf_of=service_calls.acting(),
        service=service,
        operation=operation,
        resources=(check.resource,),
        decision=check.decision,
        checks=(check,),
        kind="check",
    )
