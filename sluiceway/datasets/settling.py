"""What settling a dataset reaches out to."""

from collections.abc import Callable
from dataclasses import dataclass

from sluiceway.clock import utc_now
from sluiceway.gateways.events import Events
from sluiceway.gateways.ledger import Ledger
from sluiceway.gateways.objects import Objects
from sluiceway.gateways.queues import Queue


@dataclass(frozen=True, kw_only=True)
class Settling:
    """The outside world of `settle_dataset`, chosen in one place: the handler, or a test."""

    ledger: Ledger
    objects: Objects
    events: Events
    settle_queue: Queue
    uploads_bucket: str
    artifacts_bucket: str
    settle_seconds: float
    """The stage's: how long nothing must be uploaded to a dataset of which no project says another time."""
    now: Callable[[], str] = utc_now
    seconds_left: Callable[[], float] = lambda: 90.0
    """How long this process may still read."""
