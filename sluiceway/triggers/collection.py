"""What collecting uploads reaches out to."""

from collections.abc import Callable
from dataclasses import dataclass

from sluiceway.clock import utc_now
from sluiceway.gateways.events import Events
from sluiceway.gateways.ledger import EventRecord, Ledger
from sluiceway.gateways.objects import Objects
from sluiceway.gateways.queues import Queue
from sluiceway.gateways.records import Outcome
from sluiceway.triggers.uploads import Upload


@dataclass(frozen=True, kw_only=True)
class Collection:
    """The outside world of `collect_uploads`, chosen in one place: the handler, or a test."""

    ledger: Ledger
    objects: Objects
    events: Events
    settle_queue: Queue
    artifacts_bucket: str
    settle_seconds: float
    """The stage's: how long nothing must be uploaded to a dataset until it has settled."""
    now: Callable[[], str] = utc_now

    def record(
        self,
        upload: Upload,
        *,
        outcome: Outcome,
        reason: str,
        project: str | None = None,
        dataset: str | None = None,
        run_id: str | None = None,
    ) -> EventRecord:
        """How the upload ended, ready to be recorded."""
        return EventRecord(
            event_id=upload.event_id,
            event=upload.event,
            subject=upload.key,
            outcome=outcome,
            reason=reason,
            project=project,
            dataset=dataset,
            run_id=run_id,
            recorded_at=self.now(),
        )
