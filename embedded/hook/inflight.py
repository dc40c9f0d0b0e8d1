"""A call that is being answered: what is learned of it on the way, and the record that comes of it."""

import contextvars
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from embedded.hook import answers, principal
from embedded.hook.active_plan import Seen
from embedded.hook.operations import Catalog, Operation
from embedded.hook.parameters import parameters
from embedded.hook.plan import Fault
from embedded.hook.record import Check, Record, callers
from embedded.hook.request import HttpCall
from embedded.hook.world import World

_ERROR_BYTES = 4_096
_REFUSALS = re.compile(r"Denied|Unauthorized|Authorization|Forbidden|^403$")


@dataclass
class InFlight:
    """One request, from its first byte to its answer."""

    at: float = field(default_factory=time.time)
    started: float = field(default_factory=time.perf_counter)
    call: HttpCall | None = None
    request_id: str = ""
    principal: str = ""
    checks: list[Check] = field(default_factory=list)
    status: int | None = None
    answer_headers: dict[str, Any] = field(default_factory=dict)
    error_body: bytes = b""
    fault: Fault | None = None
    drop: bool = False
    """Set when the answer is to be lost."""
    at_the_answer: "Callable[[InFlight], None] | None" = None
    """What happens when all is done and kept, and the answer is about to be sent."""
    ended: float | None = None
    service: str = ""
    """The server's name of it, once it was asked for."""
    operation: Operation | None = None
    parameters: dict[str, Any] | None = None

    def answered(self, status: int, headers: dict[str, Any], body: Any) -> None:
        """Note the answer; of an error its beginning, which holds the code."""
        self.status, self.answer_headers = status, headers
        if status >= 400 and isinstance(body, bytes | str):
            self.error_body = body.encode()[:_ERROR_BYTES] if isinstance(body, str) else body[:_ERROR_BYTES]


current: contextvars.ContextVar[InFlight | None] = contextvars.ContextVar("call_in_flight", default=None)


def open_call() -> InFlight | None:
    """The request that is being answered here, unless it was answered already."""
    found = current.get()
    return found if found is not None and found.ended is None else None


@dataclass
class Describer:
    """Makes records of requests."""

    catalog: Catalog
    world: World

    def names(self, found: InFlight) -> tuple[str, Operation]:
        """The service, as policies name it, and the operation that a request asks for."""
        if found.operation is None:
            assert found.call  # noqa: S101 - it was read
            found.service = self.world.service(found.call)
            found.operation = self.catalog.operation(found.service, found.call)
        return self.catalog.prefix(found.service), found.operation

    def parameters(self, found: InFlight) -> dict[str, Any]:
        """What a request passes, without secrets."""
        if found.parameters is None:
            assert found.call  # noqa: S101 - it was read
            found.parameters = parameters(found.call, self.names(found)[1])
        return found.parameters

    def principal(self, call: HttpCall) -> str:
        """The ARN of who calls."""
        return self.world.principal(call.headers, call.query)

    def seen(self, found: InFlight) -> Seen:
        """A request as a plan looks at it."""
        assert found.call  # noqa: S101 - it was read
        service, operation = self.names(found)
        return Seen(
            service=service,
            operation=operation.name,
            callers=callers(found.principal, principal.named_in(found.call.headers)),
            resources=self.resources(found),
            parameters=self.parameters(found),
        )

    def record(self, found: InFlight) -> Record | None:
        """The record of a call; None for what is no call of an API."""
        if found.call is None:
            return None
        service, operation = self.names(found)
        by = principal.named_in(found.call.headers)
        error = answers.code_of(found.status or 0, found.answer_headers, found.error_body)
        return Record(
            at=found.at,
            duration=round((found.ended or time.perf_counter()) - found.started, 6),
            principal=found.principal,
            by_service=bool(by),
            on_behalf_of=by,
            service=service,
            operation=operation.name,
            resources=self.resources(found),
            decision=_decision(found, error),
            status=None if found.drop else found.status,
            error=error,
            request_id=found.request_id,
            parameters=self.parameters(found),
            fault=found.fault.name if found.fault else "",
            fault_action=str(found.fault.action) if found.fault else "",
            checks=tuple(found.checks),
        )

    def resources(self, found: InFlight) -> tuple[str, ...]:
        """The ARNs that a call is about: those that IAM was asked about, else those of the request."""
        asked = tuple(dict.fromkeys(check.resource for check in found.checks))
        if asked or found.call is None:
            return asked
        self.names(found)
        return self.world.resources(found.service, found.call)


def _decision(found: InFlight, error: str) -> str:
    decisions = {check.decision for check in found.checks}
    if "Deny" in decisions:
        return "Deny"
    if decisions:
        # Where a resource's own policy allows, what the caller's policies lack does not count.
        refused = "ImplicitDeny" in decisions and _REFUSALS.search(error)
        return "ImplicitDeny" if refused else "Allow"
    return "Root" if found.principal.endswith(":root") else ""
