"""What a change of one endpoint works on: its record, its traffic, its containers, and the clock."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from embedded.sagemaker.alarms import Alarms
from embedded.sagemaker.clock import Clock
from embedded.sagemaker.fleet import Fleet
from embedded.sagemaker.instance import INVOCATION_SECONDS, Instance
from embedded.sagemaker.launching import Launcher
from embedded.sagemaker.records import EndpointRecord, Pending, Phase, Table
from embedded.sagemaker.traffic import Traffic
from embedded.sagemaker.upkeep import Upkeep

Tell = Callable[[EndpointRecord, Traffic], None]


class StoppedError(Exception):
    """The cloud is being stopped: what was under way is gone on with at the next start."""


@dataclass(frozen=True)
class Announcer:
    """Who is told what: of changed states, and of steps of a deployment."""

    state: Tell
    deployment: Tell


@dataclass(frozen=True)
class Site:
    """One endpoint."""

    name: str
    table: Table[EndpointRecord]
    traffic: Traffic
    launcher: Launcher
    upkeep: Upkeep
    alarms: Alarms
    clock: Clock
    closing: threading.Event
    announcer: Announcer

    @property
    def record(self) -> EndpointRecord:
        """The endpoint's record. Raises LookupError when the endpoint is gone."""
        record = self.table.get(self.name)
        if record is None:
            raise LookupError(self.name)
        return record

    @property
    def pending(self) -> Pending:
        """The deployment under way."""
        pending = self.record.pending
        if pending is None:
            raise LookupError(f"{self.name} has no deployment under way")
        return pending

    def change(self, **values: Any) -> None:
        """Record a change of the endpoint's state and tell of it."""
        self._tell(self.announcer.state, modified=self.clock.now(), **values)

    def note(self, **values: Any) -> None:
        """Record progress of the deployment under way and tell of it."""
        self._tell(self.announcer.deployment, pending=self.pending.model_copy(update=values))

    def note_phases(self, phases: Mapping[str, Phase]) -> None:
        """Record progress of a change of capacity and tell of it."""
        self._tell(self.announcer.deployment, phases=phases)

    def phases(self, status: str, say: Callable[[str], str], variants: Sequence[str]) -> Mapping[str, Phase]:
        """One status for each variant; `say` words it, given the variant's name."""
        now = self.clock.now()
        return {name: Phase(status=status, message=say(name), started=now) for name in variants}

    def sleep(self, seconds: float) -> None:
        """Let time pass. Raises StoppedError when the cloud is being stopped."""
        self.clock.sleep(seconds, self.closing)
        if self.closing.is_set():
            raise StoppedError(self.name)

    def watch(self, fleet: Fleet, instances: Sequence[Instance] | None = None) -> None:
        """Have instances of a fleet replaced when they end."""
        own = [each for group in fleet.instances.values() for each in group]
        self.upkeep.watch(self.name, own if instances is None else instances, fleet)

    def take_over(self, fleet: Fleet) -> Fleet:
        """Let a whole fleet serve; the fleet before it."""
        fleet.capacity = {name: each.instances for name, each in fleet.variants.items()}
        return self.traffic.switch(fleet)

    def retire(self, fleet: Fleet, variant: str, count: int) -> None:
        """Take so many instances of a variant out of traffic, and end them when they have answered."""
        gone = list(fleet.instances[variant][:count]) if count > 0 else []
        for instance in gone:
            self.traffic.remove(instance)
        self.traffic.drain(gone)
        self.launcher.stop(gone)

    def end(self, fleet: Fleet) -> None:
        """End a fleet that gets no further requests, when it has answered those that it has."""
        self.drain(fleet)
        self.launcher.stop(fleet.all())

    def drain(self, fleet: Fleet) -> None:
        """Wait until a fleet that gets no further requests has answered those that it has."""
        for pool in fleet.pools.values():
            pool.settle(INVOCATION_SECONDS)
        self.traffic.drain(fleet.all())

    def _tell(self, tell: Tell, **values: Any) -> None:
        if self.closing.is_set():
            return
        record = self.table.change(self.name, **values)
        if record is not None:
            tell(record, self.traffic)
