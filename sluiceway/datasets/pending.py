"""Who will look whether a dataset has settled: at most one timer, whatever number of objects arrives.

A timer is a message to oneself. It looks at a moment; when too little time has passed since the last upload,
it goes on as another one. All of it is one item of the ledger, moved by compare-and-set (`revision`):

- an upload needs no write of its own while a timer waits: the listing comes after the upload in any case;
- an upload that comes while a timer lists is noted, and the timer then goes on instead of ending;
- who writes that a timer is needed may die before sending it: whoever relies on one that is not marked as
  sent sends it, too. A timer that is sent twice is one timer.

No clock is trusted for that. Clocks only say when to look, and when a timer counts as lost.
"""

import hashlib
from datetime import datetime, timedelta

from sluiceway.clock import timestamp
from sluiceway.contract import Contract
from sluiceway.names import Name

FIRST_LOOK = 15
"""seconds: the shortest settle time; who looks first learns how long the projects want to wait"""
LONGEST_WAIT = 24 * 3600
"""seconds: a dataset that is written without pause becomes a version after so long"""
LOST_AFTER = 3600
"""seconds: a timer that is so late is in the dead-letter queue (five deliveries, twelve minutes apart)"""
MAX_DELAY = 900
"""seconds: the longest that SQS delays a message"""


class PendingDataset(Contract):
    """What was uploaded since a listing last began, and the timer that is on its way."""

    dataset: Name
    revision: str = ""
    """Follows from the revision before, from who wrote and what: never the same again."""
    upload: str | None = None
    """Event of the newest upload that was noted."""
    first_at: str | None = None
    """First upload since a listing last began; None: there was none."""
    last_at: str | None = None
    timer: str | None = None
    """The message that will look, or looks: `<newest upload>.<revision>`; None: nobody waits."""
    sent: bool = False
    """Somebody has sent it for sure."""
    due_at: str | None = None
    until: str | None = None
    """Deadline of a manifest that is not fulfilled yet."""
    looking: bool = False
    """The timer lists what there is."""
    order: str = ""
    """Of the newest listing: orders listings as they began."""


def note_upload(
    seen: PendingDataset | None, *, dataset: str, upload: str, now: str, settle: float
) -> PendingDataset | None:
    """What an upload changes; None: a timer that has not looked yet knows enough. `settle` is the stage's."""
    state = seen or PendingDataset(dataset=dataset)
    look = min(FIRST_LOOK, settle)
    watched = _is_watched(state, now, look)
    if watched and _is_fresh(state, now, slack(settle)):
        return None
    noted = {
        "upload": upload,
        # Of a timer that was lost the day does not count: nobody has looked, but nothing need have come.
        "first_at": (state.first_at if watched else None) or now,
        "last_at": max(now, later(state.last_at, 0.001)) if state.last_at else now,
    }
    return _moved(state, upload, **noted) if watched else _timed(state, upload, later(now, look), **noted)


def moment_to_look(state: PendingDataset, *, now: str, settle: float) -> str:
    """When a timer may list: once nothing was uploaded for `settle` seconds, or at a deadline."""
    moments = [state.until] if state.until else []
    if state.first_at and state.last_at:
        # After a lone upload nothing was left out; later ones are noted only once in a while.
        quiet = settle + (slack(settle) if state.last_at > state.first_at else 0)
        moments.append(min(later(state.last_at, quiet), later(state.first_at, LONGEST_WAIT)))
    return min(moments, default=now)


def go_on(state: PendingDataset, *, by: str, at: str, now: str, until: str | None = None) -> PendingDataset:
    """The timer `by` hands over to a new one that looks at `at`, or as late as a message may come."""
    return _timed(state, by, min(at, later(now, MAX_DELAY)), until=until or state.until)


def begin_look(state: PendingDataset, *, by: str, now: str) -> PendingDataset:
    """The timer `by` lists. One that begins again keeps what was uploaded since it first did."""
    if state.looking:
        return take_order(state, by=by, now=now)
    return take_order(state, by=by, now=now, looking=True, sent=True, first_at=None, last_at=None, until=None)


def take_order(state: PendingDataset, *, by: str, now: str, **changes: object) -> PendingDataset:
    """A listing begins: its order sorts after all earlier ones, whatever the clocks say."""
    order = max(now, later(state.order[:24], 0.001)) if state.order else now
    return _moved(state, by, order=order, **changes)


def mark_sent(state: PendingDataset, *, by: str) -> PendingDataset:
    """The message is in the queue: nobody else need send it."""
    return _moved(state, by, sent=True)


def end_look(state: PendingDataset, *, by: str) -> PendingDataset:
    """Nothing was uploaded since the listing began: nobody waits any more."""
    return _moved(state, by, timer=None, sent=False, due_at=None, looking=False)


def delay_of(state: PendingDataset, *, now: str) -> int:
    """Whole seconds until the timer is due."""
    seconds = seconds_between(now, state.due_at or now)
    return min(MAX_DELAY, max(0, -int(-seconds // 1)))


def slack(settle: float) -> float:
    """Seconds within which uploads count as one."""
    return min(1.0, settle / 10)


def later(moment: str, seconds: float) -> str:
    """A moment some seconds later, in the ledger's form."""
    return timestamp(datetime.fromisoformat(moment) + timedelta(seconds=seconds))


def seconds_between(start: str, end: str) -> float:
    """Seconds from one moment to another; negative where the other comes first."""
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


def _is_watched(state: PendingDataset, now: str, look: float) -> bool:
    """Whether a timer is on its way that looks soon enough."""
    if state.timer is None or state.due_at is None or now > later(state.due_at, LOST_AFTER):
        return False
    if state.looking or state.first_at:
        return True
    return state.due_at <= later(now, look)  # else it only waits for a deadline


def _is_fresh(state: PendingDataset, now: str, seconds: float) -> bool:
    """Whether another upload was noted just now. The second one always is: the first counts as alone."""
    if state.first_at is None or state.last_at is None or state.last_at == state.first_at:
        return False
    return later(state.last_at, seconds) >= now


def _timed(state: PendingDataset, by: str, due_at: str, **changes: object) -> PendingDataset:
    moved = _moved(state, by, sent=False, due_at=due_at, looking=False, **changes)
    name = f"{moved.upload}.{moved.revision}" if moved.upload else moved.revision
    return moved.model_copy(update={"timer": name})


def _moved(state: PendingDataset, by: str, **changes: object) -> PendingDataset:
    """Two deliveries of one message may want different things of one state: that are two revisions."""
    moved = state.model_copy(update=changes)
    text = f"{by}/{moved.model_dump_json()}"
    return moved.model_copy(update={"revision": hashlib.sha256(text.encode()).hexdigest()[:16]})
