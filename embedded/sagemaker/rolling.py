"""Rolling deployments: batch by batch, new instances take over from old ones, which are ended.

Source: "Use rolling deployments". One variant; its old and new instances share the traffic by their numbers.
Processes stand for instances, so a batch ends or starts one only where the number of processes changes.
"""

import contextlib
from math import ceil

from embedded.sagemaker.baking import Oven, RollbackError
from embedded.sagemaker.containers import StartError, processes
from embedded.sagemaker.fleet import Fleet
from embedded.sagemaker.policy import Policy, Size
from embedded.sagemaker.records import Variant
from embedded.sagemaker.site import Site


class MixedError(Exception):
    """A rollback that failed: old and new instances serve side by side."""


def deploy(site: Site, policy: Policy) -> Fleet:
    """Bring the pending configuration into service; what is left of the old fleet.

    Raises StartError or RollbackError when the old fleet is whole again, MixedError when it could not be.
    """
    roll = _Roll(site, policy)
    try:
        roll.forward()
    except (RollbackError, StartError) as error:
        site.note(rollback=str(error))
        roll.back()
        raise
    return site.take_over(roll.green)


class _Roll:
    """One deployment."""

    def __init__(self, site: Site, policy: Policy) -> None:
        self._site = site
        self._policy = policy
        self._blue = site.traffic.fleet
        pending = site.pending
        variants = site.launcher.pinned(pending.variants)
        (self._new,) = variants
        self._old = self._blue.variants[self._new.name]
        self.green = site.launcher.empty(pending.config, variants, pending.options)
        site.note(variants=variants)
        site.traffic.join(self.green)

    def forward(self) -> None:
        """Batch after batch, from where the record says that an earlier server was."""
        total, oven = self._new.instances, Oven(self._site, self._policy)
        size = (self._policy.rolling or Size("CAPACITY_PERCENT", 50)).batch(total)
        batches = ceil(total / size)
        for index in range(min(self._site.pending.step, batches - 1), batches):
            done = min(total, (index + 1) * size)
            self._say("Creating", f"Launching {done - index * size} instance(s).")
            self._have(self.green, self._new, done)
            self._say("ActivatingTraffic", f"Activating traffic on rolling capacity of {done} instance(s).")
            self._shift(done / total)
            self._site.note(step=index)
            self._bake(oven, done)
            self._have(self._blue, self._old, self._left(done / total))

    def back(self) -> None:
        """Bring the old fleet back, in batches of the rollback's own size."""
        total = self._old.instances
        size = self._policy.rollback.batch(total)
        try:
            while (there := self._blue.count(self._old.name)) < total:
                there = min(total, there + size)
                self._say("Updating", f"Launching {size} instance(s).")
                self._have(self._blue, self._old, there)
                self._shift(1 - there / total)
                self._have(self.green, self._new, ceil(self._new.instances * (1 - there / total)))
        except StartError as error:
            raise MixedError(f"{self._site.pending.rollback} The rollback failed: {error}") from error
        self._site.traffic.leave()
        self._site.end(self.green)

    def _have(self, fleet: Fleet, variant: Variant, count: int) -> None:
        """Let a fleet have so many instances; as processes, those that stand for them."""
        there = len(fleet.instances.setdefault(variant.name, []))
        wanted = processes(count)
        if wanted > there:
            started = self._site.launcher.start(self._site.name, variant, wanted - there)
            for instance in started:
                self._site.traffic.add(instance, fleet)
            self._site.watch(fleet, started)
        fleet.capacity[variant.name] = count
        self._site.retire(fleet, variant.name, there - wanted)

    def _shift(self, share: float) -> None:
        self._site.traffic.shift({self._new.name: share})

    def _left(self, share: float) -> int:
        return self._old.instances - int(self._old.instances * share + 1e-9)

    def _bake(self, oven: Oven, count: int) -> None:
        wait = self._policy.interval
        if wait:
            self._say(
                "Baking",
                f"Baking for {wait} seconds (WaitIntervalInSeconds) with traffic enabled on rolling capacity "
                f"of {count} instance(s).",
            )
        oven.bake(wait)

    def _say(self, status: str, message: str) -> None:
        with contextlib.suppress(LookupError):
            self._site.note(phases=self._site.phases(status, lambda _name: message, [self._new.name]))
