"""Puts the hook in place: around IAM before services start, around requests and deliveries after."""

import time
from collections.abc import Callable
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
    """See every evaluation of a caller's policies; those of a resource's own are none."""
    evaluate = iam_evaluator.evaluate
    for name in ("evaluate_resource_policy", "combine_resource_policy"):
        setattr(iam_evaluator, name, _of_a_resource(getattr(iam_evaluator, name)))

    def watched(context: Any, policies: Any, *limits: Any) -> Any:
        result = evaluate(context, policies, *limits)
        if not calls.is_of_a_resource() and hook.is_on:
            _note(hook, context, result.decision)
        return result

    iam_evaluator.evaluate = watched


def _note(hook: Hook, context: Any, decision: str) -> None:
    check = Check(
        action=context.action,
        resource=context.resource_arn,
        decision=decision,
        principal=context.principal_arn,
        context={**context.service_context, **context.principal_keys},
    )
    request = open_call()
    if calls.is_made_by_a_service():
        service, operation = action_operation(check.action)
        call = ServiceCall(service_calls.acting(), service, operation, check.resource, check.principal)
        service_calls.checked(call, check)
    elif request is not None:
        request.checks.append(check)
    else:
        hook.write(_alone(check))


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
    )


def _of_a_resource(evaluate: Callable[..., Any]) -> Callable[..., Any]:
    # A bucket's or a queue's policy is evaluated by the same function; what a role may do is not in it.
    def evaluated(*arguments: Any, **named: Any) -> Any:
        with calls.of_a_resource():
            return evaluate(*arguments, **named)

    return evaluated
