"""Sends the timer that looks at a dataset, and says so, in this order: who dies in between sends it twice."""

from sluiceway.datasets.contracts import SettleDatasetInput
from sluiceway.datasets.pending import PendingDataset, delay_of, mark_sent
from sluiceway.gateways.ledger import Ledger
from sluiceway.gateways.queues import Queue


def send_timer(state: PendingDataset, *, by: str, ledger: Ledger, queue: Queue, now: str) -> None:
    """Send what stands in the ledger as the dataset's timer, unless somebody has."""
    if state.timer is None or state.sent:
        return
    queue.send(SettleDatasetInput(dataset=state.dataset, token=state.timer), delay=delay_of(state, now=now))
    seen: PendingDataset | None = state
    while seen is not None and seen.timer == state.timer and not seen.sent:
        if ledger.move_pending_dataset(mark_sent(seen, by=by), seen=seen):
            return
        seen = ledger.pending_dataset(state.dataset)
