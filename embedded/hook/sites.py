"""Where calls are made: service, operation and caller, so that a test can break each of them.

for site in sites.mutating(record.read(state_dir)):
    with faults.injected(state_dir, site.plan(Action.LOST_ANSWER)):
        run_again()
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from embedded import shapes
from embedded.hook import operations
from embedded.hook.plan import Action, Fault, FaultPlan
from embedded.hook.record import Record

# By the verbs of AWS's operations: these leave everything as it was.
_READS = re.compile(
    r"^(Get|List|Describe|Head|Search|Query|Scan|BatchGet|TransactGet|Select|Lookup|Validate|Test|Simulate|"
    r"Preview|Estimate|Check|Filter|View|Evaluate|Decode|Discover|BatchDescribe)(?![a-z])"
)
# Neither reads by name nor changes anything that could be done twice.
_ALSO_READS = frozenset(
    {
        "sts:AssumeRole",
        "sts:AssumeRoleWithWebIdentity",
        "sts:AssumeRoleWithSAML",
        "ecr:BatchCheckLayerAvailability",
        "logs:StartLiveTail",
    }
)
# Hands a task out: a lost answer is a lost task.
_WRITES_ALL_THE_SAME = frozenset({"states:GetActivityTask"})


@dataclass(frozen=True, order=True)
class CallSite:
    """One place from which one operation is called."""

    service: str
    operation: str
    caller: str
    """Name of the role or the user, or `root`; empty for what a service did under no role."""
    on_behalf_of: str
    """The service that called; empty for clients."""

    def __str__(self) -> str:
        """As a person reads it, and as a test may be named."""
        who = "/".join(name for name in (self.on_behalf_of, self.caller) if name)
        return f"{who or 'nobody'} {self.service}:{self.operation}"

    def fault(self, action: Action, *, nth: int | None = 1, seconds: float | None = None) -> Fault:
        """An entry that breaks the n-th call from here; each call where `nth` is None."""
        return Fault(
            name=str(self),
            service=self.service,
            operation=self.operation,
            caller=self.caller or self.on_behalf_of or "*",
            nth=nth,
            action=action,
            seconds=seconds,
        )

    def plan(self, action: Action, *, nth: int | None = 1) -> FaultPlan:
        """A plan with nothing else in it."""
        return FaultPlan(faults=(self.fault(action, nth=nth),))


def counted(records: Iterable[Record]) -> Mapping[CallSite, int]:
    """Every call site on record with the number of its calls; not what was refused, unknown or only asked."""
    return Counter(
        CallSite(each.service, each.operation, each.caller, each.on_behalf_of)
        for each in records
        if each.kind != "check" and not each.was_denied and each.operation.isalnum()
    )


def mutating(records: Iterable[Record]) -> Sequence[CallSite]:
    """The call sites that change something, in order."""
    return sorted(site for site in counted(records) if is_mutating(site.service, site.operation))


def is_mutating(service: str, operation: str) -> bool:
    """Whether an operation changes something: by its HTTP method where that says so, else by its verb."""
    name = f"{service}:{operation}"
    if name in _WRITES_ALL_THE_SAME:
        return True
    return not (name in _ALSO_READS or _READS.match(operation) or _is_a_get(service, operation))


def _is_a_get(service: str, operation: str) -> bool:
    return service in operations.known_services() and _method(service, operation) in ("GET", "HEAD")


def _method(service: str, operation: str) -> str:
    model = shapes.service_model(service)
    if not model.resolved_protocol.startswith("rest") or operation not in model.operation_names:
        return ""
    return str(model.operation_model(operation).http["method"])
