"""Makes the schedules in EventBridge Scheduler those that a project's latest code wants.

Whichever push asked for it: the latest code is read, and read again after everything is done. So of two syncs
at once the one that still worked for the earlier code sees the later one at its end, and does it over. Names
follow from what schedules are for, and the last round is one that finds nothing to do.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sluiceway.clock import timestamp
from sluiceway.errors import LostRace
from sluiceway.gateways.ledger import CodePointer, EventRecord, Ledger
from sluiceway.gateways.schedules import Schedules, StoredSchedule
from sluiceway.projects.contracts import SluiceConfig
from sluiceway.schedules.contracts import Cause, ScheduleSync
from sluiceway.schedules.desired_schedules import desired_schedules
from sluiceway.schedules.stored_schedule import Wanted, wanted_schedule

ROUNDS = 8
"""Each round but the last has found something to do, or newer code."""
_WORK = ("made", "changed", "removed")


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Syncing:
    """The outside world of `sync_schedules`."""

    ledger: Ledger
    schedules: Schedules
    now: Callable[[], datetime] = _utc_now


def sync_schedules(pushed: Cause, on: Syncing) -> ScheduleSync:
    """What was done; raises `TransientError` to be tried again."""
    done: dict[str, list[str]] = {what: [] for what in _WORK}
    for _ in range(ROUNDS):
        pointer = on.ledger.code_pointer(pushed.project)
        if pointer is None:
            break
        wanted = _wanted(pointer, on.now())
        if (
            not _worked(done, _round(pointer, wanted, on))
            and on.ledger.code_pointer(pushed.project) == pointer
        ):
            return _recorded(pushed, done, _finished(wanted, on.now()), on)
    else:
        raise LostRace(f"the schedules of {pushed.project} are changed by others all the time: try again")
    return ScheduleSync(project=pushed.project)


def _wanted(pointer: CodePointer, now: datetime) -> dict[str, Wanted]:
    """By name in the group; of a project that is retired none."""
    if pointer.retired is not None:
        return {}
    config = SluiceConfig.model_validate(json.loads(pointer.config))
    found = [wanted_schedule(pointer.project, each, now=now) for each in desired_schedules(config)]
    return {each.stored.key: each for each in found}


def _round(pointer: CodePointer, wanted: Mapping[str, Wanted], on: Syncing) -> Iterator[tuple[str, str]]:
    """Do what is to be done; yields what it was, and of which schedule."""
    now = on.now()
    for key, each in wanted.items():
        there = on.schedules.get(key)
        if each.is_settled_by(there, now):
            continue
        on.schedules.put(each.stored, there=there is not None, token=_token(pointer, repr(each.stored)))
        yield "made" if there is None else "changed", each.stored.name
    for key in on.schedules.keys(pointer.project):
        other = on.schedules.get(key) if _may_go(wanted.get(key), now) else None
        if other is not None and other.project == pointer.project and _goes(wanted.get(key), other, now):
            on.schedules.remove(key, token=_token(pointer, key))
            yield "removed", other.name


def _may_go(wanted: Wanted | None, now: datetime) -> bool:
    return wanted is None or wanted.is_finished(now)


def _goes(wanted: Wanted | None, there: StoredSchedule, now: datetime) -> bool:
    """What is finished goes by itself; what was there before it would fire on."""
    return wanted is None or not wanted.is_met_by(there, now)


def _token(pointer: CodePointer, what: str) -> str:
    """Of one push and one change: what a later push makes again is another request."""
    return hashlib.sha256(f"{pointer.event_id} {what}".encode()).hexdigest()


def _worked(done: dict[str, list[str]], round_: Iterator[tuple[str, str]]) -> bool:
    """Whether there was anything to do, or somebody else was at it: then it is looked again."""
    worked = False
    try:
        for what, name in round_:
            worked = True
            done[what] += [] if name in done[what] else [name]
    except LostRace:
        return True
    return worked


def _finished(wanted: Mapping[str, Wanted], now: datetime) -> tuple[str, ...]:
    return tuple(each.stored.name for each in wanted.values() if each.is_finished(now))


def _recorded(
    pushed: Cause, done: Mapping[str, list[str]], finished: tuple[str, ...], on: Syncing
) -> ScheduleSync:
    """In the ledger, when there is something to tell; the first record of a push stands."""
    told = [f"{what} {', '.join(names)}" for what, names in done.items() if names]
    told += [f"over: {', '.join(finished)}"] if finished else []
    if told:
        record = EventRecord(
            event_id=f"{pushed.event_id}.{pushed.project}.schedules",
            event="SchedulesSynced",
            subject=pushed.project,
            outcome="accepted",
            reason=f"schedules: {'; '.join(told)}",
            project=pushed.project,
            recorded_at=timestamp(on.now()),
        )
        on.ledger.record_event(record)
    return ScheduleSync(
        project=pushed.project, finished=finished, **{what: tuple(names) for what, names in done.items()}
    )
