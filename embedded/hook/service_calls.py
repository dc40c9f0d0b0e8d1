"""Calls that a service makes in here, without the wire: deliveries of rules and mappings, checks of roles.

    with service_calls.made(ServiceCall("events.amazonaws.com", "sqs", "SendMessage", arn)):
        deliver()

A fault before it raises `InjectedFailure` at the `with`; a fault after it, at its end, when all is done.
"""

import contextlib
import contextvars
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import ClientError

from embedded.authority import AccessDenied
from embedded.hook.active_plan import Seen
from embedded.hook.answers import Failure
from embedded.hook.faulting import failure_of
from embedded.hook.hook import Hook
from embedded.hook.operations import Operation
from embedded.hook.plan import Action, Fault
from embedded.hook.record import Check, Kind, Record, callers


class InjectedFailure(AccessDenied, ClientError):
    """A call of a service's failed because a fault plan wanted it.

    Whoever handles a refusal handles this; and whoever handles boto3's errors finds code and status in it, to
    see whether to try again.
    """

    def __init__(self, call: "ServiceCall", failure: Failure) -> None:
        Exception.__init__(self, f"{failure.code}: {failure.message}")
        self.role_arn, self.action, self.resource = (
            call.principal,
            f"{call.service}:{call.operation}",
            call.resource,
        )
        self.code = failure.code
        self.operation_name = call.operation
        self.response: Any = {
            "Error": {"Code": failure.code, "Message": failure.message},
            "ResponseMetadata": {"HTTPStatusCode": failure.status},
        }


@dataclass(frozen=True)
class ServiceCall:
    """What a service is about to do for somebody."""

    on_behalf_of: str
    """The service that acts: `events.amazonaws.com`."""
    service: str
    """The service that is called, as policies name it."""
    operation: str
    resource: str
    principal: str = ""
    """ARN of the role's session, where it acts under one."""
    checks: list[Check] = field(default_factory=list, hash=False)
    """What IAM was asked about it."""
    kind: Kind = "delivery"


@dataclass
class _Announcement:
    """A call that is announced. Threads take it along, and go on after it has been written down."""

    call: ServiceCall
    is_over: bool = False


_installed: list[Hook] = []
_acting: contextvars.ContextVar[str] = contextvars.ContextVar("acting_service", default="")
_under_way: contextvars.ContextVar[_Announcement | None] = contextvars.ContextVar(
    "service_call", default=None
)


def install(hook: Hook) -> None:
    """Record and break, from now on, what services do in here."""
    _installed[:] = [hook]


@contextlib.contextmanager
def acting_as(principal: str) -> Iterator[None]:
    """Say which service does what is done inside: `lambda.amazonaws.com`."""
    token = _acting.set(principal)
    try:
        yield
    finally:
        _acting.reset(token)


def acting() -> str:
    """The service that does what is done here; empty where none has said so."""
    return _acting.get()


def under_way() -> ServiceCall | None:
    """The service's call that is being made here."""
    announcement = _under_way.get()
    return None if announcement is None or announcement.is_over else announcement.call


@contextlib.contextmanager
def announced(call: ServiceCall) -> Iterator[None]:
    """Gather what IAM is asked about a call before it is made; it is on record even if it never is."""
    announcement = _Announcement(call)
    token = _under_way.set(announcement)
    try:
        yield
    finally:
        _under_way.reset(token)
        announcement.is_over = True
        if call.checks:
            _write(replace(call, kind="check"), time.time(), 0.0)
            call.checks.clear()


@contextlib.contextmanager
def made(call: ServiceCall) -> Iterator[None]:
    """Make a call: it is recorded, and broken if the plan in force wants it."""
    hook = _hook()
    if hook is None:
        yield
        return
    at, started = time.time(), time.perf_counter()
    fault = _due(hook, call)
    error = ""
    try:
        if fault:
            _BEFORE.get(fault.action, _nothing)(hook, call, fault)
        yield
        if fault:
            _AFTER.get(fault.action, _nothing)(hook, call, fault)
    except Exception as failure:
        error = getattr(failure, "code", "") or type(failure).__name__
        raise
    finally:
        _write(call, at, time.perf_counter() - started, fault=fault, error=str(error))
        call.checks.clear()


def checked(call: ServiceCall, check: Check) -> None:
    """IAM was asked about what a service does: part of an announced call, or all that is seen of one."""
    announcement = under_way()
    if announcement is not None:
        announcement.checks.append(check)
        return
    with made(replace(call, checks=[check], kind="check")):
        pass


def _hook() -> Hook | None:
    return _installed[0] if _installed and _installed[0].is_on else None


def _due(hook: Hook, call: ServiceCall) -> Fault | None:
    plan = hook.faults.plan
    if plan is None:
        return None
    return plan.due(
        Seen(
            service=call.service,
            operation=call.operation,
            callers=callers(call.principal, call.on_behalf_of),
            resources=(call.resource,),
            parameters={},
            is_check=call.kind == "check",
        )
    )


def _nothing(_hook: Hook, _call: ServiceCall, _fault: Fault) -> None:
    pass


def _fail(_hook: Hook, call: ServiceCall, fault: Fault) -> None:
    raise InjectedFailure(call, failure_of(fault, call.service, Operation(call.operation, "", {})))


def _lose(_hook: Hook, call: ServiceCall, fault: Fault) -> None:
    raise InjectedFailure(
        call, Failure("ConnectionClosed", f"A fault plan lost the answer: {fault.name}", 503)
    )


def _delay(_hook: Hook, _call: ServiceCall, fault: Fault) -> None:
    time.sleep(fault.seconds or 0)


def _kill_at(moment: str) -> Callable[[Hook, ServiceCall, Fault], None]:
    def kill(hook: Hook, call: ServiceCall, fault: Fault) -> None:
        if (fault.moment or "before") == moment:
            _write(call, time.time(), 0.0, fault=fault)
            hook.flush()
            hook.faults.kill()

    return kill


_BEFORE: Mapping[Action, Callable[[Hook, ServiceCall, Fault], None]] = {
    Action.FAIL_BEFORE: _fail,
    Action.THROTTLE: _fail,
    Action.DELAY: _delay,
    Action.KILL: _kill_at("before"),
}
_AFTER: Mapping[Action, Callable[[Hook, ServiceCall, Fault], None]] = {
    Action.FAIL_AFTER: _fail,
    Action.LOST_ANSWER: _lose,
    Action.KILL: _kill_at("after"),
}


def _write(
    call: ServiceCall, at: float, duration: float, *, fault: Fault | None = None, error: str = ""
) -> None:
    hook = _hook()
    if hook is None:
        return
    decisions = {check.decision for check in call.checks}
    refused = next((each for each in ("Deny", "ImplicitDeny") if each in decisions), "")
    values: dict[str, Any] = {"fault": fault.name, "fault_action": str(fault.action)} if fault else {}
    hook.write(
        Record(
            at=at,
            duration=round(duration, 6),
            principal=call.principal,
            by_service=True,
            on_behalf_of=call.on_behalf_of,
            service=call.service,
            operation=call.operation,
            resources=(call.resource,),
            decision=refused or ("Allow" if decisions else ""),
            error=error,
            checks=tuple(call.checks),
            kind=call.kind,
            **values,
        )
    )
