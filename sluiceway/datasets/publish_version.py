"""Makes a manifest the dataset's latest version, and tells of it: in this order, and once."""

from dataclasses import replace

from sluiceway.datasets.contracts import Manifest, SettleDatasetInput
from sluiceway.datasets.listing import Listing, announced_id, settled, settled_id, settling_of
from sluiceway.datasets.manifest import changes
from sluiceway.datasets.settling import Settling
from sluiceway.gateways.ledger import DatasetPointer, EventRecord
from sluiceway.gateways.objects import read_contract
from sluiceway.names import manifest_key, s3_uri
from sluiceway.triggers.contracts import DatasetVersioned


def publish_version(
    made: Manifest, known: Manifest | None, listing: Listing, *, statement: str | None, on: Settling
) -> EventRecord:
    """Move the pointer from what stood there when it was looked at, else look again.

    `known` is the manifest of `listing.before`; `statement` the version of the upload manifest that holds.
    """
    uri = _keep(made, on)
    while True:
        standing = listing.before
        if standing is not None and settling_of(standing.event_id) == settled_id(listing.given):
            return tell(standing, listing.given, on)
        if standing is not None and standing.order >= listing.order:
            return _left_behind(standing, made, listing, on)
        if standing is not None and standing.version == made.version:
            confirmed = _confirmed(standing, listing, statement)
            if on.ledger.confirm_dataset(standing, confirmed):
                return _unchanged(confirmed, listing, on)
        else:
            pointer = _pointer(made, known, listing, uri=uri, statement=statement)
            if on.ledger.replace_dataset_pointer(pointer, standing=standing):
                return tell(pointer, listing.given, on)
        listing = replace(listing, before=on.ledger.dataset_pointer(made.dataset))
        known = read_contract(on.objects, listing.before.uri, Manifest) if listing.before else None


def tell(pointer: DatasetPointer, given: SettleDatasetInput, on: Settling) -> EventRecord:
    """Publish a version that this message made the latest, or found to be it still."""
    on.ledger.note_settled(settled_id(given), pointer.event_id)
    on.events.publish(_announcement(pointer, given, on))
    if pointer.confirmed:
        return settled(given, "unchanged", _same(pointer), at=on.now())
    reason = f"version {pointer.version[:12]}, {pointer.objects} objects"
    return settled(given, "versioned", reason, at=on.now())


def _same(standing: DatasetPointer) -> str:
    return f"the same data as before: version {standing.version[:12]}"


def _confirmed(standing: DatasetPointer, listing: Listing, statement: str | None) -> DatasetPointer:
    """The same data were uploaded again: runs that failed on them are wanted once more.

    Where nothing was written since the last look, nothing is told.
    """
    update: dict[str, object] = {"order": listing.order}
    if statement is not None:
        update["statement"] = statement
    if standing.state != listing.state:
        update |= {
            "state": listing.state,
            "event_id": announced_id(listing.given, listing.order),
            "confirmed": True,
        }
    return standing.model_copy(update=update)


def _keep(made: Manifest, on: Settling) -> str:
    key = manifest_key(made.dataset, made.version)
    on.objects.keep(on.artifacts_bucket, key, made.model_dump_json(exclude_none=True).encode())
    return s3_uri(on.artifacts_bucket, key)


def _pointer(
    made: Manifest, known: Manifest | None, listing: Listing, *, uri: str, statement: str | None
) -> DatasetPointer:
    differs = changes(known, made)
    return DatasetPointer(
        dataset=made.dataset,
        version=made.version,
        uri=uri,
        objects=len(made.objects),
        bytes=sum(found.size for found in made.objects),
        order=listing.order,
        event_id=announced_id(listing.given, listing.order),
        moved_at=listing.order,
        upload=listing.upload,
        state=listing.state,
        statement=statement,
        previous=known.version if known else None,
        added=len(differs.added),
        changed=len(differs.changed),
        removed=len(differs.removed),
    )


def _unchanged(standing: DatasetPointer, listing: Listing, on: Settling) -> EventRecord:
    _tell_if_nobody_did(standing, listing, on)
    return settled(listing.given, "unchanged", _same(standing), at=on.now())


def _left_behind(standing: DatasetPointer, made: Manifest, listing: Listing, on: Settling) -> EventRecord:
    """A later listing was faster."""
    if standing.version == made.version:
        return _unchanged(standing, listing, on)
    _tell_if_nobody_did(standing, listing, on)
    reason = "a newer version of the dataset is the latest"
    return settled(listing.given, "superseded", reason, at=on.now())


def _tell_if_nobody_did(standing: DatasetPointer, listing: Listing, on: Settling) -> None:
    """Whoever moved the pointer may have died before telling."""
    if on.ledger.event(settling_of(standing.event_id)) is None:
        on.events.publish(_announcement(standing, listing.given, on))


def _announcement(pointer: DatasetPointer, given: SettleDatasetInput, on: Settling) -> DatasetVersioned:
    """A query's result is one file: whatever else lies in the dataset was uploaded by somebody."""
    queried = pointer.objects == 1 and on.ledger.is_queried(pointer.dataset)
    return DatasetVersioned(
        event_id=pointer.event_id,
        dataset=pointer.dataset,
        dataset_version=pointer.version,
        uri=pointer.uri,
        objects=pointer.objects,
        bytes=pointer.bytes,
        trigger="query" if queried else given.trigger,
    )
