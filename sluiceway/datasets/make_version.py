"""What lies in a dataset's folder becomes its latest version, or is refused, or is not complete yet."""

from collections.abc import Sequence
from dataclasses import dataclass

from sluiceway.datasets.content import contents
from sluiceway.datasets.contracts import Manifest, ObjectVersion, SettleDatasetInput
from sluiceway.datasets.listing import Listing, settled, settled_id, settling_of
from sluiceway.datasets.manifest import check_objects, data_objects, make_manifest, upload_manifest_of
from sluiceway.datasets.publish_version import publish_version, tell
from sluiceway.datasets.settling import Settling
from sluiceway.datasets.statement import Statement, read_statement
from sluiceway.datasets.tell_subscribers import FoundWrong, tell_incomplete, tell_refused, tell_to_the_end
from sluiceway.errors import InvalidDataset
from sluiceway.gateways.ledger import DatasetPointer
from sluiceway.gateways.objects import read_contract
from sluiceway.gateways.records import EventRecord


@dataclass(frozen=True)
class Unsettled:
    """Not complete yet: look again at `until`, or where that is None, as soon as nothing is uploaded."""

    until: str | None
    reason: str


def make_version(
    given: SettleDatasetInput, order: str, on: Settling, *, upload: str | None = None
) -> EventRecord | Unsettled:
    """List, check and publish; raises `OutOfTime`, or another `TransientError`.

    `order` sorts listings as they began. Whoever has moved the pointer before only tells of it.
    """
    before = on.ledger.dataset_pointer(given.dataset)
    if before is not None and _is_its_own(before, given):
        return tell(before, given, on)
    told = tell_to_the_end(given, on)
    if told is not None:
        return told
    versions = list(on.objects.list_versions(on.uploads_bucket, f"data/{given.dataset}/"))
    listing = Listing(given, order, upload or given.token, versions, before)
    try:
        return _checked(listing, on)
    except InvalidDataset as error:
        return tell_refused(listing, str(error), on)


def has_begun_to_tell(given: SettleDatasetInput, on: Settling) -> bool:
    """Whether the message came before, and has found what others may have heard of."""
    before = on.ledger.dataset_pointer(given.dataset)
    own = before is not None and _is_its_own(before, given)
    return own or on.ledger.held(settled_id(given), FoundWrong) is not None


def _is_its_own(pointer: DatasetPointer, given: SettleDatasetInput) -> bool:
    return settling_of(pointer.event_id) == settled_id(given)


def _checked(listing: Listing, on: Settling) -> EventRecord | Unsettled:
    """First what a manifest states: what is not complete is not looked at any closer."""
    found = data_objects(listing.versions)
    source = upload_manifest_of(listing.dataset, listing.versions)
    if not found and _was_emptied(listing, source):
        return _emptied(listing, on)
    statement = read_statement(listing.dataset, source, on) if source else None
    if statement and (lacking := statement.lacking(found)):
        return _incomplete(listing, statement, lacking, on)
    check_objects(listing.dataset, found)
    known = read_contract(on.objects, listing.before.uri, Manifest) if listing.before else None
    hashed = statement.hashed() if statement else frozenset()
    content = contents(listing.dataset, found, known=known, hashed=hashed, on=on)
    if statement and (lacking := statement.lacking(found, content)):
        return _incomplete(listing, statement, lacking, on)
    made = make_manifest(
        listing.dataset, bucket=on.uploads_bucket, versions=listing.versions, content=content
    )
    return publish_version(made, known, listing, statement=source.version_id if source else None, on=on)


def _was_emptied(listing: Listing, source: ObjectVersion | None) -> bool:
    """Whether there was data once; a manifest that was never fulfilled waits for data yet to come."""
    if listing.before is None:
        return False
    return source is None or listing.before.statement == source.version_id


def _emptied(listing: Listing, on: Settling) -> EventRecord:
    """Nobody's run fails: there is nothing to be trained on, and what was trained stays."""
    standing = listing.before.version[:12] if listing.before else ""
    reason = f"the dataset holds no objects any more; its latest version stays {standing}"
    return settled(listing.given, "ignored", reason, at=on.now())


def _incomplete(
    listing: Listing, statement: Statement, lacking: Sequence[str], on: Settling
) -> EventRecord | Unsettled:
    """Before the deadline somebody may still be uploading; after it everybody is told."""
    reason = statement.not_fulfilled(lacking)
    if on.now() < statement.deadline:
        return Unsettled(statement.deadline, reason)
    return tell_incomplete(listing, statement.source, reason, missing=len(lacking), on=on)
