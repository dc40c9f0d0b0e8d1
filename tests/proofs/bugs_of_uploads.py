"""Mistakes in how uploads are taken in, and datasets settled."""

import itertools
from typing import Any
from unittest.mock import patch

from sluiceway.datasets import manifest
from sluiceway.datasets import settle_dataset as settling
from sluiceway.gateways.items import to_item, to_listed_item
from sluiceway.gateways.ledger import Claim, CodePointer, DatasetPointer, Ledger
from sluiceway.triggers import collect_data as collecting
from sluiceway.triggers import collect_uploads as uploads_use_case
from sluiceway.triggers import uploads
from tests.fakes import world
from tests.proofs import services
from tests.proofs.workers import current

Patches = list[Any]
_number = itertools.count()


def code_pointer_moves_back() -> Patches:
    """the latest code is whatever was collected last"""

    def move(self: Any, item: Any, _order: str) -> Claim:
        self._table.put(item)
        return Claim.WON

    return [patch.object(Ledger, "_move", move)]


def data_pointer_moves_back() -> Patches:
    """the latest version is whatever was settled last"""

    def replace(self: Any, pointer: DatasetPointer, *, standing: Any) -> bool:
        key = f"DATASET#{pointer.dataset}"
        self._table.put(to_item(key, f"VERSION#{pointer.version}", pointer))
        self._table.put(to_listed_item(key, "LATEST", pointer, kind="DATASET", at=pointer.moved_at))
        return True

    return [patch.object(Ledger, "replace_dataset_pointer", replace)]


def ordered_by_the_workers_clock() -> Patches:
    """pointers are ordered by when they were collected, not by when S3 took the upload"""
    real = Ledger.move_code_pointer

    def move(self: Any, pointer: CodePointer) -> Claim:
        return real(self, pointer.model_copy(update={"order": f"{pointer.moved_at}#"}))

    return [patch.object(Ledger, "move_code_pointer", move)]


def outcome_first() -> Patches:
    """the outcome of an upload is recorded before its effects"""

    def collect(upload: Any, on: Any) -> Any:
        known = on.ledger.event(upload.event_id)
        if known is None:
            on.ledger.record_event(on.record(upload, outcome="accepted", reason=""))
            uploads_use_case._collect(upload, on)
        return known

    return [patch.object(world, "collect_upload", collect)]


def published_before_the_pointer_moves() -> Patches:
    """`CodePushed` is published before the pointer moves"""
    return _done_last("move_code_pointer", Claim.WON)


def nobody_waits_for_the_rest() -> Patches:
    """a timer looks as soon as it comes, whatever was uploaded since"""
    return [patch.object(settling, "moment_to_look", lambda *_, now, **__: now)]


def looks_again_without_waiting() -> Patches:
    """a timer that was killed while it looked, looks again at once, whatever was uploaded since"""
    real = settling.moment_to_look

    def moment(state: Any, *, now: str, settle: float) -> str:
        return now if state.looking else real(state, now=now, settle=settle)

    return [patch.object(settling, "moment_to_look", moment)]


def lost_timers_hold_up() -> Patches:
    """a timer that was lost counts as one that was held up for a day by uploads without a pause"""
    real = collecting.note_upload

    def note(seen: Any, **given: Any) -> Any:
        noted = real(seen, **given)
        return noted and noted.model_copy(update={"first_at": (seen and seen.first_at) or noted.first_at})

    return [patch.object(collecting, "note_upload", note)]


def timer_ends_all_the_same() -> Patches:
    """a timer ends though something was uploaded while it looked"""

    def after(seen: Any, given: Any, *_: Any, **__: Any) -> Any:
        return settling.end_look(seen, by=given.token)

    return [patch.object(settling, "_after", after)]


def handed_over_and_never_sent() -> Patches:
    """a timer that died between writing its successor and sending it does not send it again"""
    return [patch.object(settling, "_overtaken", lambda given, *_: None)]


def timers_overwrite_each_other() -> Patches:
    """what is pending is written without a condition"""

    def move(self: Any, wanted: Any, *, seen: Any) -> bool:
        self._table.put(to_item(f"DATASET#{wanted.dataset}", "PENDING", wanted))
        return True

    return [patch.object(Ledger, "move_pending_dataset", move)]


def event_id_made_anew() -> Patches:
    """each delivery publishes under an id of its own"""
    real = services.Bus.publish

    def publish(self: Any, event: Any) -> None:
        real(self, event.model_copy(update={"event_id": f"{event.event_id}-{next(_number)}"}))

    return [patch.object(services.Bus, "publish", publish)]


def _done_last(method: str, answer: Any) -> Patches:
    """A write of the ledger is put off until the event's outcome is recorded."""
    real, record = getattr(Ledger, method), Ledger.record_event

    def put_off(self: Any, *given: Any, **named: Any) -> Any:
        here = current()
        if here is None:
            return real(self, *given, **named)
        here.__dict__.setdefault("put_off", []).append((given, named))
        return answer

    def record_event(self: Any, event: Any) -> Claim:
        for given, named in getattr(current(), "__dict__", {}).pop("put_off", []):
            real(self, *given, **named)
        return record(self, event)

    return [patch.object(Ledger, method, put_off), patch.object(Ledger, "record_event", record_event)]


def subscribed_last() -> Patches:
    """a project subscribes after its push was published"""
    return _done_last("subscribe", None)


def timer_lost_on_a_crash() -> Patches:
    """the outcome of an upload of data is recorded before the message that settles it is sent"""
    real = uploads_use_case.COLLECTORS["data"]

    def collect(upload: Any, on: Any) -> Any:
        dataset = uploads.dataset_of(upload.key)
        on.ledger.record_event(on.record(upload, outcome="accepted", reason="", dataset=dataset))
        return real(upload, on)

    return [patch.dict(uploads_use_case.COLLECTORS, {"data": collect})]


def version_ids_in_the_version() -> Patches:
    """a dataset version is a hash of S3's version ids"""

    def version_of(objects: Any) -> str:
        import hashlib

        return hashlib.sha256(repr([(each.key, each.version_id) for each in objects]).encode()).hexdigest()

    return [patch.object(manifest, "version_of", version_of)]


def known_by_its_key() -> Patches:
    """an upload is known by its key, whichever version of it"""
    real = uploads._event_id
    return [patch.object(uploads, "_event_id", lambda bucket, key, *_: real(bucket, key))]
