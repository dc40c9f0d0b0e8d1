"""Makes a version of a dataset once nothing has been uploaded to it for a while, and makes it the latest."""

from collections.abc import Callable
from dataclasses import dataclass

from sluiceway.clock import utc_now
from sluiceway.datasets.contracts import Manifest, SettleDatasetInput
from sluiceway.datasets.manifest import make_manifest, order_of
from sluiceway.errors import InvalidDataset
from sluiceway.gateways.events import Events
from sluiceway.gateways.ledger import Claim, DatasetPointer, EventRecord, Ledger
from sluiceway.gateways.objects import Objects
from sluiceway.gateways.records import Outcome
from sluiceway.names import manifest_key, s3_uri
from sluiceway.triggers.contracts import DatasetVersioned
from sluiceway.triggers.refuse_run import refuse_run


@dataclass(frozen=True, kw_only=True)
class Settling:
    """The outside world of `settle_dataset`."""

    ledger: Ledger
    objects: Objects
    events: Events
    uploads_bucket: str
    artifacts_bucket: str
    now: Callable[[], str] = utc_now


def settle_dataset(given: SettleDatasetInput, on: Settling) -> EventRecord:
    """Make a version unless something was uploaded since; raises `TransientError` to be tried again.

    A token that is no longer the newest is not recorded: there is one for each object of a large upload.
    """
    known = on.ledger.event(_event_id(given))
    if known is not None:
        return known
    if not given.at_once and not on.ledger.is_settling(given.dataset, given.token):
        return _record(given, "superseded", reason="something was uploaded since", on=on)
    record = _settle(given, on)
    on.ledger.record_event(record)
    return record


def _settle(given: SettleDatasetInput, on: Settling) -> EventRecord:
    versions = list(on.objects.list_versions(on.uploads_bucket, f"data/{given.dataset}/"))
    try:
        manifest = make_manifest(given.dataset, bucket=on.uploads_bucket, versions=versions)
    except InvalidDataset as error:
        return _refuse(given, str(error), on)
    pointer = _store(manifest, given, on, order=order_of(versions))
    before = on.ledger.dataset_pointer(given.dataset)
    if on.ledger.move_dataset_pointer(pointer) is Claim.THEIRS:
        return _left_behind(given, pointer, on)
    on.events.publish(_announcement(pointer, given))
    if before is not None and before.version == pointer.version and before.event_id != pointer.event_id:
        return _record(
            given, "unchanged", reason=f"the same data as before: version {pointer.version[:12]}", on=on
        )
    return _record(
        given, "versioned", reason=f"version {pointer.version[:12]}, {pointer.objects} objects", on=on
    )


def _store(manifest: Manifest, given: SettleDatasetInput, on: Settling, *, order: str) -> DatasetPointer:
    key = manifest_key(manifest.dataset, manifest.version)
    on.objects.keep(on.artifacts_bucket, key, manifest.model_dump_json().encode())
    return DatasetPointer(
        dataset=manifest.dataset,
        version=manifest.version,
        uri=s3_uri(on.artifacts_bucket, key),
        objects=len(manifest.objects),
        bytes=sum(found.size for found in manifest.objects),
        order=order,
        event_id=_event_id(given),
        moved_at=on.now(),
    )


def _left_behind(given: SettleDatasetInput, pointer: DatasetPointer, on: Settling) -> EventRecord:
    """A pointer at least as new stands. Who moved it may have died before telling: then it is told here."""
    standing = on.ledger.dataset_pointer(pointer.dataset) or pointer
    if on.ledger.event(standing.event_id) is None:
        on.events.publish(_announcement(standing, given))
    if standing.version == pointer.version:
        return _record(
            given, "unchanged", reason=f"version {pointer.version[:12]} is the latest already", on=on
        )
    return _record(given, "superseded", reason="a newer version of the dataset is the latest", on=on)


def _refuse(given: SettleDatasetInput, reason: str, on: Settling) -> EventRecord:
    """Every project that waits for the dataset is told, by a failed run."""
    for project in on.ledger.subscribers(given.dataset):
        refuse_run(
            project,
            event_id=_event_id(given),
            reason=reason,
            trigger=given.trigger,
            at=on.now(),
            ledger=on.ledger,
            events=on.events,
        )
    return _record(given, "refused", reason=reason, on=on)


def _announcement(pointer: DatasetPointer, given: SettleDatasetInput) -> DatasetVersioned:
    return DatasetVersioned(
        event_id=pointer.event_id,
        dataset=pointer.dataset,
        dataset_version=pointer.version,
        uri=pointer.uri,
        objects=pointer.objects,
        bytes=pointer.bytes,
        trigger=given.trigger,
    )


def _record(given: SettleDatasetInput, outcome: Outcome, *, reason: str, on: Settling) -> EventRecord:
    return EventRecord(
        event_id=_event_id(given),
        event="DatasetSettled",
        subject=given.dataset,
        outcome=outcome,
        reason=reason,
        dataset=given.dataset,
        recorded_at=on.now(),
    )


def _event_id(given: SettleDatasetInput) -> str:
    return f"{given.token}.settled"
