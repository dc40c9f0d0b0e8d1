"""The hook: every request, and every call of a service in here, goes through it."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from embedded.hook.active_plan import ActivePlan
from embedded.hook.faulting import Faults, power_cut
from embedded.hook.inflight import Describer, InFlight
from embedded.hook.operations import Catalog
from embedded.hook.plan import FaultPlan
from embedded.hook.record import Record
from embedded.hook.recorder import Recorder
from embedded.hook.world import World

logger = logging.getLogger(__name__)


class Hook:
    """The record and the plan of one running cloud."""

    def __init__(
        self, state_dir: Path, *, catalog: Catalog, world: World, kill: Callable[[], None] = power_cut
    ) -> None:
        self.recorder = Recorder(state_dir)
        self.describer = Describer(catalog, world)
        self.faults = Faults(self.describer, self._write_now, kill)
        self.is_on = True
        """Off only to measure what it costs."""

    def ended(self, found: InFlight) -> None:
        """Put a request on record; one that cannot be described must not break the call."""
        try:
            record = self.describer.record(found)
        except Exception:
            logger.exception("a call could not be described")
        else:
            if record is not None:
                self.write(record)

    def write(self, record: Record) -> None:
        """Put a call on record."""
        self.recorder.write(record)

    def flush(self) -> None:
        """Bring the record to disk."""
        self.recorder.flush()

    def apply(self, plan: FaultPlan) -> None:
        """Put a plan in force, in place of the one before; its counters begin at zero."""
        self.faults.plan = ActivePlan(plan)

    def clear(self) -> None:
        """Inject nothing any more."""
        self.faults.plan = None

    def status(self) -> dict[str, Any]:
        """The plan in force, and what became of its entries."""
        plan = self.faults.plan
        return {"active": plan is not None, "faults": plan.status() if plan else []}

    def _write_now(self, found: InFlight) -> None:
        self.ended(found)
        self.recorder.flush()
