"""Deployed roles held against the calls of a run: what was never used, what was denied, what could go."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from embedded.calls import Call
from embedded.privileges.allowances import Allowance
from embedded.privileges.roles import Role
from embedded.privileges.statements import Grant, Mutant, Policies


class Denial(Grant):
    """What a role tried and may not; the resource is that of the call."""


@dataclass(frozen=True)
class Review:
    """What is wrong with the roles, by what they did. Everything empty: least privilege."""

    unused: tuple[Grant, ...] = ()
    """Granted, and never used."""
    denied: tuple[Denial, ...] = ()
    """Tried, and not granted."""
    unexplained: tuple[Call, ...] = ()
    """Allowed, though no policy of the role allows it: the role's policies changed since."""
    survivors: tuple[Mutant, ...] = ()
    """An action less, and every call is allowed as before: unused, or granted twice."""
    stale: tuple[Allowance, ...] = ()
    """Exceptions that nothing needs any more."""
    idle: tuple[str, ...] = field(default=())
    """Roles that did nothing: whatever they may do is unused."""

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to mend."""
        return not (self.unused or self.denied or self.unexplained or self.survivors or self.stale)

    def __str__(self) -> str:
        """One line for each finding, for a person to act on."""
        return "\n".join(_lines(self)) or "every action that is granted was used, and none was missing"


def review(roles: Sequence[Role], calls: Iterable[Call], allowances: Sequence[Allowance] = ()) -> Review:
    """Hold roles against what they did; calls of other roles and of users are left aside."""
    done = by_role(calls)
    found = [_review_one(role, done.get(role.name, ())) for role in roles]
    unused = tuple(sorted(each for one in found for each in one.unused))
    survivors = tuple(sorted(each for one in found for each in one.survivors))
    denied = tuple(sorted(each for one in found for each in one.denied))
    spared = [each for each in allowances if not each.denied]
    provoked = [each for each in allowances if each.denied]
    return Review(
        unused=tuple(each for each in unused if not _excused(each, spared)),
        denied=tuple(each for each in denied if not _excused(each, provoked)),
        unexplained=tuple(call for one in found for call in one.unexplained),
        survivors=tuple(each for each in survivors if not _excused(each, spared)),
        stale=(*_stale(spared, unused), *_stale(provoked, denied)),
        idle=tuple(name for one in found for name in one.idle),
    )


def _review_one(role: Role, calls: Sequence[Call]) -> Review:
    policies = Policies(role)
    allowed = [call for call in calls if call.allowed]
    explained = [call for call in allowed if policies.allow(call)]
    return Review(
        unused=tuple({grant for grant, alone in policies.grants() if not _any(alone, explained)}),
        denied=tuple(
            {Denial(role.logical_name, call.action, call.resource) for call in calls if not call.allowed}
        ),
        unexplained=tuple(call for call in allowed if call not in explained),
        survivors=tuple(mutant for mutant, less in policies.mutants() if all(map(less.allow, explained))),
        idle=() if calls else (role.logical_name,),
    )


def _any(policies: Policies, calls: Iterable[Call]) -> bool:
    return any(policies.allow(call) for call in calls)


def _stale(allowances: Iterable[Allowance], found: Sequence[Grant]) -> list[Allowance]:
    return [part for each in allowances for part in each.parts() if not any(map(part.covers, found))]


def _excused(finding: Grant | Mutant, allowances: Iterable[Allowance]) -> bool:
    return any(each.covers(finding) for each in allowances)


def by_role(calls: Iterable[Call]) -> Mapping[str, list[Call]]:
    """Calls of each role by its name; of those that are judged alike only the first."""
    found: defaultdict[str, dict[str, Call]] = defaultdict(dict)
    for call in calls:
        if call.role_name:
            alike = repr((call.action, call.resource, call.decision, sorted(call.context.items(), key=repr)))
            found[call.role_name].setdefault(alike, call)
    return {name: list(each.values()) for name, each in found.items()}


def _lines(found: Review) -> Iterable[str]:
    unused = {(each.role, each.action, each.resource) for each in found.unused}
    for grant in found.unused:
        yield f"never used: {grant.role} may {grant.action} on {grant.resource}"
    for denial in found.denied:
        yield f"denied: {denial.role} tried {denial.action} on {denial.resource}"
    for call in found.unexplained:
        yield f"not explained by its policies: {call.role_name} did {call.action} on {call.resource}"
    for mutant in found.survivors:
        # What was never used is missed by nobody: that has been said.
        if not all((mutant.role, mutant.action, each) in unused for each in mutant.resources):
            where = f"statement {mutant.statement} on {', '.join(mutant.resources)}"
            yield f"granted twice: {mutant.role} is as well off without {mutant.action} of {where}"
    yield from stale_lines(found)


def stale_lines(found: Review) -> list[str]:
    """One line for each exception that nothing needs any more."""
    return [
        f"exception not needed: {', '.join(each.role)} {', '.join(each.action)} ({each.reason})"
        for each in found.stale
    ]
