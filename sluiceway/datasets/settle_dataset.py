"""Makes a version of a dataset once nothing has been uploaded to it for a while, and makes it the latest.

Each message may come again, late, twice at once, or after its sender died (`sluiceway.datasets.pending`).
"""

from sluiceway.datasets.content import OutOfTime
from sluiceway.datasets.contracts import SettleDatasetInput
from sluiceway.datasets.listing import settled, settled_id
from sluiceway.datasets.make_version import Unsettled, has_begun_to_tell, make_version
from sluiceway.datasets.pending import (
    PendingDataset,
    begin_look,
    end_look,
    go_on,
    moment_to_look,
    take_order,
)
from sluiceway.datasets.send_timer import send_timer
from sluiceway.datasets.settle_time import settle_time
from sluiceway.datasets.settling import Settling as Settling
from sluiceway.gateways.records import EventRecord


def settle_dataset(given: SettleDatasetInput, on: Settling) -> EventRecord:
    """Make a version, or wait longer; raises `TransientError` to be tried again.

    What only waits is not recorded: a large upload would fill the ledger with it.
    """
    known = on.ledger.event(settled_id(given))
    if known is None:
        return _settle_at_once(given, on) if given.at_once else _look(given, on)
    if not given.at_once:
        _stop_looking(given, on)
    return known


def _settle_at_once(given: SettleDatasetInput, on: Settling) -> EventRecord:
    """Only a short cut: the timer that the same upload saw to comes in any case, and looks again."""
    found = _make_version(given, _take_order(given, on), on)
    return _waiting(given, found.reason, on) if isinstance(found, Unsettled) else _recorded(found, on)


def _look(given: SettleDatasetInput, on: Settling) -> EventRecord:
    """A timer: too early, or overtaken by another one; else it lists, and then ends or goes on."""
    seen = on.ledger.pending_dataset(given.dataset)
    if seen is None or seen.timer != given.token:
        return _overtaken(given, seen, on)
    wanted = _next(seen, given, on)
    if not on.ledger.move_pending_dataset(wanted, seen=seen):
        return _look(given, on)
    if not wanted.looking:
        _send(wanted, given.token, on)
        return _waiting(given, f"looks again at {wanted.due_at}", on)
    return _list(given, wanted, on)


def _next(seen: PendingDataset, given: SettleDatasetInput, on: Settling) -> PendingDataset:
    """Look now, or later; one that comes again, and has begun to tell what it found, ends that first."""
    now = on.now()
    at = moment_to_look(seen, now=now, settle=_settle_time(given.dataset, on))
    if now < at and not (seen.looking and has_begun_to_tell(given, on)):
        return go_on(seen, by=given.token, at=at, now=now)
    return begin_look(seen, by=given.token, now=now)


def _list(given: SettleDatasetInput, looking: PendingDataset, on: Settling) -> EventRecord:
    found = _make_version(given, looking.order, on, upload=looking.upload)
    if isinstance(found, Unsettled):
        _stop_looking(given, on, unsettled=found)
        return _waiting(given, found.reason, on)
    if looking.upload:
        on.ledger.note_settled(looking.upload, found.event_id)
    _recorded(found, on)
    _stop_looking(given, on)
    return found


def _make_version(
    given: SettleDatasetInput, order: str, on: Settling, *, upload: str | None = None
) -> EventRecord | Unsettled:
    """What takes longer than this process may live is looked at again at once, or when uploads have ended."""
    try:
        return make_version(given, order, on, upload=upload)
    except OutOfTime as error:
        return Unsettled(None, str(error))


def _stop_looking(given: SettleDatasetInput, on: Settling, *, unsettled: Unsettled | None = None) -> None:
    """End, unless something was uploaded since the listing began, or it came to no end."""
    seen = on.ledger.pending_dataset(given.dataset)
    if seen is None or seen.timer != given.token:
        _send(seen, given.token, on)
        return
    goes_on = seen.first_at is not None or unsettled is not None
    until = unsettled.until if unsettled else None
    wanted = _after(seen, given, on, until=until) if goes_on else end_look(seen, by=given.token)
    if not on.ledger.move_pending_dataset(wanted, seen=seen):
        _stop_looking(given, on, unsettled=unsettled)
    elif goes_on:
        _send(wanted, given.token, on)


def _after(
    seen: PendingDataset, given: SettleDatasetInput, on: Settling, *, until: str | None
) -> PendingDataset:
    now = on.now()
    waiting = seen.model_copy(update={"until": until})
    at = moment_to_look(waiting, now=now, settle=_settle_time(given.dataset, on))
    return go_on(waiting, by=given.token, at=at, now=now)


def _overtaken(given: SettleDatasetInput, seen: PendingDataset | None, on: Settling) -> EventRecord:
    _send(seen, given.token, on)
    return settled(given, "superseded", "another timer looks at the dataset", at=on.now())


def _send(state: PendingDataset | None, by: str, on: Settling) -> None:
    if state is not None:
        send_timer(state, by=by, ledger=on.ledger, queue=on.settle_queue, now=on.now())


def _take_order(given: SettleDatasetInput, on: Settling) -> str:
    seen = on.ledger.pending_dataset(given.dataset)
    wanted = take_order(seen or PendingDataset(dataset=given.dataset), by=given.token, now=on.now())
    return wanted.order if on.ledger.move_pending_dataset(wanted, seen=seen) else _take_order(given, on)


def _settle_time(dataset: str, on: Settling) -> float:
    return settle_time(dataset, ledger=on.ledger, default=on.settle_seconds)


def _recorded(found: EventRecord, on: Settling) -> EventRecord:
    on.ledger.record_event(found)
    return found


def _waiting(given: SettleDatasetInput, reason: str, on: Settling) -> EventRecord:
    return settled(given, "waiting", reason, at=on.now())
