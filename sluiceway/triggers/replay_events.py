"""Puts recorded decisions through today's rules once more, and finds those that would be others.

A decision was recorded with all that the rules looked at, so the answer needs nothing but the record. What
differs is asked again as a new event, against what the ledger says today. Its id follows from the old event's
and from what today's rules say: replayed twice it is one event, after the next change of rules another.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from sluiceway.contract import Contract
from sluiceway.errors import PermanentError
from sluiceway.gateways.ledger_events import UnreadableEvent
from sluiceway.gateways.records import EventRecord
from sluiceway.triggers.contracts import DatasetVersioned
from sluiceway.triggers.decide import CAUSES, Cause, Verdict, decide
from sluiceway.triggers.run_key import run_key
from sluiceway.triggers.situation import Situation

_DIGITS = 12
_PASSED_BY = ("ignored", "superseded", "skipped", "queued")
"""All say that this event is not the one to start a run; which of them, is also found out by acting."""


class Ruling(Contract):
    """What the rules made of an event."""

    outcome: str
    reason: str
    run_key: str | None = None
    """Of the run that is wanted."""


class Changed(Contract):
    """A decision that today's rules would make otherwise."""

    event_id: str
    event: str
    project: str
    recorded_at: str
    before: Ruling
    now: Ruling
    replay_id: str
    """Of the event that asks again."""


class Unreplayable(Contract):
    """A record that cannot be put through the rules."""

    event_id: str
    reason: str


class Replay(Contract):
    """What came of putting recorded decisions through the rules."""

    decisions: int
    """How many were put through them."""
    changed: tuple[Changed, ...]
    unreadable: tuple[Unreplayable, ...]


@dataclass(frozen=True)
class _Asked:
    """A recorded decision, as the rules take it."""

    record: EventRecord
    cause: Cause
    situation: Situation


def replay_events(told: Iterable[EventRecord | UnreadableEvent]) -> Replay:
    """Compare each recorded decision with what the rules say now; other events have nothing to decide."""
    asked: list[_Asked] = []
    unreadable: list[Unreplayable] = []
    for each in told:
        found = _read(each)
        if isinstance(found, _Asked):
            asked.append(found)
        elif found is not None:
            unreadable.append(found)
    changed = [each for each in map(_compare, asked) if each is not None]
    return Replay(decisions=len(asked), changed=tuple(changed), unreadable=tuple(unreadable))


def ask_again(changed: Changed, told: Sequence[EventRecord | UnreadableEvent]) -> Cause:
    """The event that has a decision made once more, for its own project alone."""
    record = next(each for each in told if each.event_id == changed.event_id)
    found = _read(record)
    if not isinstance(found, _Asked):
        raise PermanentError(f"event {changed.event_id} cannot be asked again")
    new: dict[str, object] = {"event_id": changed.replay_id}
    if isinstance(found.cause, DatasetVersioned):
        new["project"] = changed.project
    return found.cause.model_copy(update=new)


def _read(told: EventRecord | UnreadableEvent) -> _Asked | Unreplayable | None:
    """None: it was no decision."""
    if isinstance(told, UnreadableEvent):
        return Unreplayable(event_id=told.event_id, reason=told.reason)
    if told.cause is None or told.situation is None:
        return None
    if told.event not in CAUSES:
        return Unreplayable(event_id=told.event_id, reason=f"no rule is for {told.event}")
    try:
        cause = CAUSES[told.event].model_validate(told.cause)
        return _Asked(told, cause, Situation.model_validate(told.situation))
    except ValidationError as error:
        found = error.errors()[0]
        place = ".".join(map(str, found["loc"]))
        return Unreplayable(event_id=told.event_id, reason=f"{place}: {found['msg']}")


def _compare(asked: _Asked) -> Changed | None:
    record = asked.record
    before = Ruling(outcome=record.outcome, reason=record.reason, run_key=record.run_key)
    now = _ruling(asked)
    if _essence(before) == _essence(now):
        return None
    return Changed(
        event_id=record.event_id,
        event=record.event,
        project=asked.situation.project,
        recorded_at=record.recorded_at,
        before=before,
        now=now,
        replay_id=_replay_id(asked.cause.event_id, now),
    )


def _ruling(asked: _Asked) -> Ruling:
    """Settings that were right when they were recorded may be wrong today: then they would be refused."""
    try:
        verdict = decide(asked.cause, asked.situation)
    except (ValidationError, PermanentError) as error:
        verdict = Verdict("refused", str(error).partition("\n")[0])
    key = run_key(verdict.inputs) if verdict.inputs else None
    return Ruling(outcome=verdict.outcome, reason=verdict.reason, run_key=key)


def _essence(ruling: Ruling) -> tuple[str, str | None]:
    """What counts. Whether a run that is wanted is a new one, acting finds out and not the rules."""
    if ruling.run_key is not None:
        return "wanted", ruling.run_key
    return "passed by" if ruling.outcome in _PASSED_BY else ruling.outcome, None


def _replay_id(event_id: str, now: Ruling) -> str:
    digest = hashlib.sha256(repr(_essence(now)).encode()).hexdigest()
    return f"{event_id}.replay-{digest[:_DIGITS]}"
