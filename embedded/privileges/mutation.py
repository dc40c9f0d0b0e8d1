"""The mutation run: every action of every role is taken away once, and some recorded call must miss it.

The calls are those that tests made happen: a mutant that no call kills is an action that no test would miss.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from embedded.calls import Call
from embedded.privileges.allowances import Allowance
from embedded.privileges.review import by_role
from embedded.privileges.roles import Role
from embedded.privileges.statements import Mutant, Policies


@dataclass(frozen=True)
class Outcome:
    """What became of one mutant: killed by a call, excused, or a survivor."""

    kind: str
    mutant: Mutant
    killer: Call | None = None
    """The first call on record that the role could not have made without the action."""
    excuse: Allowance | None = None

    @property
    def survived(self) -> bool:
        """Whether nobody would notice, and nobody says why."""
        return self.killer is None and self.excuse is None


def run(roles: Sequence[Role], calls: Iterable[Call], allowances: Sequence[Allowance] = ()) -> list[Outcome]:
    """The outcome of every mutant, role by role."""
    done, spared = by_role(calls), [each for each in allowances if not each.denied]
    return [each for role in roles for each in _run_one(role, done.get(role.name, ()), spared)]


def _run_one(role: Role, calls: Sequence[Call], allowances: Sequence[Allowance]) -> Iterator[Outcome]:
    policies = Policies(role)
    explained = [call for call in calls if call.allowed and policies.allow(call)]
    for mutant, less in policies.mutants():
        killer = next((call for call in explained if not less.allow(call)), None)
        excuse = None if killer else next((each for each in allowances if each.covers(mutant)), None)
        yield Outcome(role.kind, mutant, killer, excuse)
