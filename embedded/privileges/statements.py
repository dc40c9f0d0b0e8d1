"""Statements of a role, judged by MiniStack's own evaluator: the one that enforced them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from embedded.calls import Call
from embedded.privileges.roles import Role


@dataclass(frozen=True, order=True)
class Grant:
    """One action on one resource pattern, as one statement allows it."""

    role: str
    action: str
    resource: str

    @property
    def resources(self) -> tuple[str, ...]:
        """The one pattern, as a mutant has them."""
        return (self.resource,)


@dataclass(frozen=True, order=True)
class Mutant:
    """A role whose statement number `statement` (from 1, over all its policies) lacks one action."""

    role: str
    statement: int
    action: str
    resources: tuple[str, ...]


class Policies:
    """The statements of one role, parsed."""

    def __init__(self, role: Role) -> None:
        from ministack.core.iam_evaluator import parse_policy_document

        self.role = role
        self._statements = [each for document in role.policies for each in parse_policy_document(document)]

    def grants(self) -> Iterator[tuple[Grant, "Policies"]]:
        """Each grant, with policies that consist of nothing else."""
        for statement in self._allowing():
            for action in statement.actions:
                for resource in statement.resources:
                    alone = replace(statement, actions=[action], resources=[resource])
                    yield Grant(self.role.logical_name, action, resource), self._with([alone])

    def mutants(self) -> Iterator[tuple[Mutant, "Policies"]]:
        """Each role that lacks one action of one statement."""
        for number, statement in enumerate(self._statements, 1):
            for action in statement.actions if statement.effect == "Allow" else ():
                mutant = Mutant(self.role.logical_name, number, action, tuple(statement.resources))
                yield mutant, self._without(number, action)

    def allow(self, call: Call) -> bool:
        """Whether these policies allow what a role did."""
        from ministack.core import iam_evaluator

        return bool(iam_evaluator.evaluate(_context(call), [self._statements]).decision == "Allow")

    def _allowing(self) -> Sequence[Any]:
        return [each for each in self._statements if each.effect == "Allow"]

    def _without(self, number: int, action: str) -> "Policies":
        statement = self._statements[number - 1]
        rest = [each for each in statement.actions if each != action]
        # A statement without actions would match any action, so it goes altogether.
        changed = [replace(statement, actions=rest)] if rest else []
        return self._with([*self._statements[: number - 1], *changed, *self._statements[number:]])

    def _with(self, statements: Sequence[Any]) -> "Policies":
        policies = Policies(Role(self.role.name, self.role.logical_name, ()))
        policies._statements = list(statements)
        return policies


def _context(call: Call) -> Any:
    from ministack.core.iam_evaluator import EvalContext

    account = call.principal.split(":")[4]
    return EvalContext(
        principal_arn=call.principal,
        principal_type="AssumedRole",
        principal_account=account,
        action=call.action,
        resource_arn=call.resource,
        region=_region(call.resource),
        source_ip="127.0.0.1",
        secure_transport=True,  # The cloud answers over TLS only.
        service_context=dict(call.context),
    )


def _region(resource: str) -> str:
    parts: Sequence[str] = resource.split(":")
    return parts[3] if len(parts) > 3 else ""
