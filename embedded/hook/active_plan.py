"""A plan in force: counts what each entry matched, and says which is due."""

import fnmatch
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from embedded.hook.plan import Action, Fault, FaultPlan


@dataclass(frozen=True)
class Seen:
    """A call that is about to be made."""

    service: str
    operation: str
    callers: tuple[str, ...]
    """All names of who calls: ARN, role or user, service."""
    resources: tuple[str, ...]
    parameters: Mapping[str, Any]
    is_check: bool = False
    """Only a question to IAM: there is nothing that could be done and its answer lost."""


@dataclass
class _Count:
    matched: int = 0
    injected: int = 0
    draws: random.Random = field(default_factory=random.Random)


class ActivePlan:
    """One plan and its counters; threads may ask at once."""

    def __init__(self, plan: FaultPlan) -> None:
        self.plan = plan
        self._lock = threading.Lock()
        self._counts = {each.name: _Count(draws=random.Random(each.seed)) for each in plan.faults}  # noqa: S311

    def due(self, seen: Seen) -> Fault | None:
        """Count a call; the first of the entries that match it and are due."""
        matching = [fault for fault in self.plan.faults if matches(fault, seen)]
        if not matching:
            return None
        with self._lock:
            due = [fault for fault in matching if self._is_due(fault)]
            if due:
                self._counts[due[0].name].injected += 1
        return due[0] if due else None

    def _is_due(self, fault: Fault) -> bool:
        count = self._counts[fault.name]
        count.matched += 1
        return next(
            (rule(fault, count) for name, rule in _RULES.items() if getattr(fault, name) is not None), True
        )

    def status(self) -> list[dict[str, Any]]:
        """For each entry: name, action, how many calls it matched, and into how many it was injected."""
        with self._lock:
            return [
                {
                    "name": fault.name,
                    "action": str(fault.action),
                    "matched": self._counts[fault.name].matched,
                    "injected": self._counts[fault.name].injected,
                }
                for fault in self.plan.faults
            ]


_RULES: Mapping[str, Callable[[Any, _Count], bool]] = {
    "nth": lambda fault, count: count.matched == fault.nth,
    "every": lambda fault, count: count.matched % fault.every == 0,
    "first": lambda fault, count: count.matched <= fault.first,
    "probability": lambda fault, count: count.draws.random() < fault.probability,
}


_WHEN_DONE = frozenset({Action.FAIL_AFTER, Action.LOST_ANSWER})


def matches(fault: Fault, seen: Seen) -> bool:
    """Whether an entry speaks of a call, its number aside."""
    return (
        not (seen.is_check and fault.action in _WHEN_DONE)
        and _any(fault.service, (seen.service,))
        and _any(fault.operation, (seen.operation,))
        and _any(fault.caller, seen.callers)
        and _any(fault.resource, seen.resources)
        and all(_is(seen.parameters.get(name), glob) for name, glob in fault.parameters.items())
    )


def _any(glob: str, texts: Sequence[str]) -> bool:
    return glob == "*" or any(fnmatch.fnmatchcase(text, glob) for text in texts)


def _is(value: Any, glob: str) -> bool:
    return value is not None and fnmatch.fnmatchcase(str(value), glob)
