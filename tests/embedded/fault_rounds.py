"""Breaks every call site that a recording shows, in every way, while projects are uploaded.

A round puts a plan in force that holds what was not injected yet, each entry at another of the site's calls,
and uploads projects under it. Rounds go on until everything was injected, or there are no more.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from embedded import lifecycle
from embedded.hook import faults, record, sites
from embedded.hook.faults import Action, Fault, FaultPlan
from embedded.hook.record import Selection
from embedded.hook.sites import CallSite
from tests.embedded.killing import revived
from tests.embedded.stage import Stage

ACTIONS = (Action.FAIL_BEFORE, Action.FAIL_AFTER, Action.LOST_ANSWER, Action.THROTTLE, Action.DELAY)
DELAY_SECONDS = 0.4
CLIENT_ATTEMPTS = 3
"""What boto3 tries by itself in its standard mode: after as many failures the product hears of it."""
_OWN = frozenset({"root"})
"""The test's own calls; those of people are under the operator's role."""
_NO_EFFECTS = frozenset({"logs"})
"""What is written there is no effect of an event."""


@dataclass(frozen=True, order=True)
class Breakage:
    """One site, one way to break it."""

    site: CallSite
    action: Action
    calls: int = 1
    """How many calls in a row."""

    def faults(self, first: int) -> list[Fault]:
        """Entries for the calls from the `first` on."""
        seconds = DELAY_SECONDS if self.action is Action.DELAY else None
        made = [self.site.fault(self.action, nth=first + more, seconds=seconds) for more in range(self.calls)]
        return [each.model_copy(update={"name": f"{self} #{each.nth}"}) for each in made]

    def __str__(self) -> str:
        return f"{self.site} {self.action} x{self.calls}"


@dataclass
class Sweep:
    """What was broken, and what is left."""

    left: list[Breakage]
    done: list[Breakage] = field(default_factory=list)

    @property
    def injected(self) -> int:
        """How many calls were broken."""
        return sum(each.calls for each in self.done)

    def plan(self, counts: Mapping[CallSite, int]) -> FaultPlan:
        """As much of what is left as fits into as many calls of each site as there were."""
        found: list[Fault] = []
        for site in sorted({each.site for each in self.left}):
            at = 1 + len(found) % CLIENT_ATTEMPTS  # not all sites of a function at the same event
            for each in [each for each in self.left if each.site == site]:
                if at == 1 or at + each.calls <= counts.get(site, 1):
                    found += each.faults(at)
                    at += each.calls + 1
        return FaultPlan(faults=tuple(found))

    def note(self, status: faults.Status) -> None:
        """Strike off what was injected to the last call."""
        injected = {each.name for each in status.outcomes if each.injected}
        done = [each for each in self.left if self._was_injected(each, injected)]
        self.done += done
        self.left = [each for each in self.left if each not in done]

    @staticmethod
    def _was_injected(breakage: Breakage, injected: set[str]) -> bool:
        numbers = sorted(
            int(name.rpartition("#")[2]) for name in injected if name.rpartition(" #")[0] == str(breakage)
        )
        in_a_row = all(second == first + 1 for first, second in pairwise(numbers))
        return len(numbers) == breakage.calls and in_a_row


def recorded_sites(stage: Stage, *, since: float) -> Mapping[CallSite, int]:
    """Every place from which the product changed something since a moment, and how often."""
    faults.flush(stage.cloud.state_dir)
    counted = sites.counted(record.read(stage.cloud.state_dir, Selection(since=since)))
    operator = stage.settings["operator_role_arn"].rpartition("/")[2]
    return {
        site: count
        for site, count in sorted(counted.items())
        if sites.is_mutating(site.service, site.operation)
        and site.caller not in _OWN | {operator}
        and site.service not in _NO_EFFECTS
    }


def breakages(counts: Mapping[CallSite, int]) -> list[Breakage]:
    """Each site in each way once, and failing for longer than a client tries by itself."""
    once = [Breakage(site, action) for site in counts for action in ACTIONS]
    # What a service delivers in here is no client's call: whoever delivers tries again by itself.
    for_good = [
        Breakage(site, Action.FAIL_AFTER, CLIENT_ATTEMPTS) for site in counts if not site.on_behalf_of
    ]
    return once + for_good


def run_round(stage: Stage, sweep: Sweep, counts: Mapping[CallSite, int], upload: Callable[[], None]) -> None:
    """Upload under a plan, wait until all is worked off, and note what was injected."""
    faults.apply(stage.cloud.state_dir, sweep.plan(counts))
    try:
        upload()
    finally:
        sweep.note(faults.clear(stage.cloud.state_dir))


def kill_at(stage: Stage, site: CallSite, act: Callable[[], None], *, moment: str, nth: int = 1) -> int:
    """Have the cloud die at a call from a site while something is done; how often it did."""
    fault = site.fault(Action.KILL, nth=nth).model_copy(update={"moment": moment})
    faults.flush(stage.cloud.state_dir)
    with revived(stage.cloud.state_dir) as starts:
        faults.apply(stage.cloud.state_dir, FaultPlan(faults=(fault,)))
        act()
    lifecycle.up(stage.cloud.state_dir)
    faults.clear(stage.cloud.state_dir)
    return len(starts)


def told(left: Sequence[Breakage]) -> str:
    """For a failing test's message."""
    return "\n".join(map(str, left))
