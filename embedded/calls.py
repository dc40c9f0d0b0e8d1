"""What IAM was asked, and what it decided: the side of the record of calls that least privilege is built on.

The record itself, of every call with all that is known of it, is written by `embedded.hook`.
"""

import contextlib
import contextvars
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from embedded.hook import record

_by_service: contextvars.ContextVar[bool] = contextvars.ContextVar("made_by_a_service", default=False)
_of_a_resource: contextvars.ContextVar[bool] = contextvars.ContextVar("of_a_resource", default=False)


@dataclass(frozen=True)
class Call:
    """One question that IAM was asked; a call may raise several. Root is never asked about."""

    at: float
    principal: str
    """ARN of the role's session, or of the user."""
    by_service: bool
    """True for what a service did under a role (state machine → Lambda), False for a request of a client."""
    action: str
    resource: str
    decision: str
    """`Allow`, `Deny` (explicit) or `ImplicitDeny`."""
    context: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """The condition keys of the request, such as `s3:prefix`, so that it can be judged again."""

    @property
    def role_name(self) -> str:
        """The role's name; empty for users."""
        return self.principal.split("/")[1] if ":assumed-role/" in self.principal else ""

    @property
    def allowed(self) -> bool:
        """Whether the identity's policies allowed it."""
        return self.decision == "Allow"


def read(state_dir: Path, *, since: float = 0.0) -> list[Call]:
    """The questions on record, oldest first, of calls that began at or after `since` (seconds since 1970)."""
    selection = record.Selection(since=since)
    found = [call for each in record.read(state_dir, selection) for call in _calls(each)]
    return sorted(found, key=lambda call: call.at)


def _calls(each: record.Record) -> Iterator[Call]:
    for check in each.checks:
        yield Call(
            at=each.at,
            principal=check.principal or each.principal,
            by_service=each.by_service,
            action=check.action,
            resource=check.resource,
            decision=check.decision,
            context=check.context,
        )


@contextlib.contextmanager
def made_by_a_service() -> Iterator[None]:
    """Mark what is evaluated inside as done by a service under a role."""
    with _set(_by_service):
        yield


def is_made_by_a_service() -> bool:
    """Whether what is evaluated here is done by a service under a role."""
    return _by_service.get()


@contextlib.contextmanager
def of_a_resource() -> Iterator[None]:
    """Mark what is evaluated inside as a resource's own policy: it is not on record."""
    with _set(_of_a_resource):
        yield


def is_of_a_resource() -> bool:
    """Whether what is evaluated here is a resource's own policy."""
    return _of_a_resource.get()


@contextlib.contextmanager
def _set(mark: contextvars.ContextVar[bool]) -> Iterator[None]:
    token = mark.set(True)
    try:
        yield
    finally:
        mark.reset(token)
