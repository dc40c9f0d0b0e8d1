"""Breaks a call at every site of a whole run, at once or one by one, while a clone of the probe runs.

The sites are those that the recording of an undisturbed clone shows; a site that is left out stands in a
table with its reason.
"""

import fnmatch
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from embedded.hook import faults
from embedded.hook.faults import Action, FaultPlan
from embedded.hook.sites import CallSite
from tests.embedded.fault_rounds import DELAY_SECONDS, recorded_sites
from tests.embedded.lossy_tracking import LossyTracking
from tests.embedded.stage import Stage
from tests.embedded.whole_runs import Clones, difference, retire, told

KINDS = (Action.FAIL_BEFORE, Action.FAIL_AFTER, Action.LOST_ANSWER, Action.THROTTLE, Action.DELAY)
LEFT_OUT: Mapping[str, str] = {
    "scheduler.amazonaws.com* lambda:Invoke": "fires by the clock, whatever runs: no part of a run",
}
"""By a glob of a site: why no fault is injected there."""
CLIENT_ATTEMPTS = 4
"""`lambdas.runtime.CLIENT_CONFIG`: what a function's client tries by itself."""
_HAVE_NOBODY_TO_ASK_AGAIN = ("JobsJob", "BuildEnvironment")
"""Roles of jobs and builds: a service that is away for longer than they try ends the step, with a reason."""


@dataclass(frozen=True)
class Broken:
    """What became of one clone that ran under faults."""

    project: str
    injected: int
    missed: Sequence[str]
    """Sites at which nothing was injected."""
    wrong: str
    """What is other than in the undisturbed clone."""


class RunSweep:
    """An undisturbed clone, its call sites, and clones that run under faults."""

    def __init__(self, stage: Stage, clones: Clones, tracking: LossyTracking) -> None:
        self.stage, self.clones, self._tracking = stage, clones, tracking
        since = time.time()
        self.clean_name = clones.push()
        clones.quiet()
        self._clean: Counter[str] = told(stage, self.clean_name)
        retire(stage, self.clean_name)
        recorded = recorded_sites(stage, since=since)
        self.sites: Sequence[CallSite] = [site for site in recorded if not left_out(site)]
        self.tracked: Sequence[str] = sorted(tracking.seen)
        """What of MLflow's API the platform changed something by."""

    def everywhere(self, action: Action) -> Broken:
        """One more clone, with a fault at the first call from every site, those of MLflow included."""
        self._tracking.begin(action)
        try:
            found = self.at(self.sites, action)
            broken = list(self._tracking.broken)
        finally:
            self._tracking.begin(None)
        missed = [name for name in self.tracked if name not in broken]
        return replace(found, injected=found.injected + len(broken), missed=[*found.missed, *missed])

    def at(self, sites: Sequence[CallSite], action: Action) -> Broken:
        """One more clone, with a fault at the first call from each of these sites."""
        return self.under(plan_for(sites, action))

    def under(self, plan: FaultPlan) -> Broken:
        """One more clone, with a plan in force until all is quiet."""
        faults.apply(self.stage.cloud.state_dir, plan)
        try:
            name = self.clones.push()
            self.clones.quiet()
        finally:
            status = faults.clear(self.stage.cloud.state_dir)
        injected = sum(each.injected for each in status.outcomes)
        missed = [each.name for each in status.outcomes if not each.injected]
        return Broken(name, injected, missed, self.wrong(name))

    def wrong(self, name: str) -> str:
        """What of a clone is other than in the undisturbed one; its endpoint is taken away."""
        found = difference(told(self.stage, name), self._clean)
        retire(self.stage, name)
        return found


def plan_for(sites: Sequence[CallSite], action: Action) -> FaultPlan:
    """A fault at the first call from each of these sites."""
    seconds = DELAY_SECONDS if action is Action.DELAY else None
    return FaultPlan(faults=tuple(site.fault(action, nth=1, seconds=seconds) for site in sites))


def outlasting(sites: Sequence[CallSite]) -> FaultPlan:
    """Calls are done, and fail for longer than a client tries: the function fails, and is asked again."""
    found = [site.fault(Action.FAIL_AFTER, nth=None) for site in sites]
    return FaultPlan(faults=tuple(each.model_copy(update={"first": CLIENT_ATTEMPTS}) for each in found))


def one_of_each_role(sites: Sequence[CallSite]) -> Iterator[Sequence[CallSite]]:
    """The sites of functions, in as few groups as hold no two sites of one function."""
    roles: dict[str, list[CallSite]] = {}
    for site in sites:
        if not site.on_behalf_of and not any(role in site.caller for role in _HAVE_NOBODY_TO_ASK_AGAIN):
            roles.setdefault(site.caller, []).append(site)
    for group in zip_longest(*roles.values()):
        yield [site for site in group if site]


def site_of(sites: Sequence[CallSite], glob: str) -> CallSite:
    """The one site that a glob names."""
    (found,) = [site for site in sites if fnmatch.fnmatchcase(str(site), glob)]
    return found


def left_out(site: CallSite) -> str:
    """Why a site has no faults; empty where it has."""
    return next((why for glob, why in LEFT_OUT.items() if fnmatch.fnmatchcase(str(site), glob)), "")
