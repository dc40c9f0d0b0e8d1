"""Rows of `sluice data log` and `sluice data diff`."""

from typing import TYPE_CHECKING, Literal

from sluiceway.cli.listing import Column, ago, short
from sluiceway.contract import Contract

if TYPE_CHECKING:
    from sluiceway.datasets.contracts import Manifest, ManifestObject
    from sluiceway.gateways.ledger import Ledger
    from sluiceway.gateways.records import DatasetPointer

STYLES = {"added": "green", "changed": "yellow", "removed": "red"}
SIGNS = {"added": "+", "changed": "~", "removed": "-"}


class LogRow(Contract):
    """One time at which a version became the latest."""

    version: str
    at: str
    objects: int
    bytes: int
    previous: str | None
    added: int | None
    changed: int | None
    removed: int | None
    event_id: str
    """The event that announced it."""
    upload: str | None
    """The newest upload or deletion that was noted before: what happened, and to which key."""


class DiffRow(Contract):
    """One file in which two versions differ; sizes in bytes."""

    change: Literal["added", "changed", "removed"]
    path: str
    before: int | None
    after: int | None


def log_row(pointer: "DatasetPointer", ledger: "Ledger") -> LogRow:
    """A version, and what led to it where the ledger knows."""
    upload = ledger.event(pointer.upload) if pointer.upload else None
    return LogRow(
        version=pointer.version,
        at=pointer.moved_at,
        objects=pointer.objects,
        bytes=pointer.bytes,
        previous=pointer.previous,
        added=pointer.added,
        changed=pointer.changed,
        removed=pointer.removed,
        event_id=pointer.event_id,
        upload=f"{upload.event} {printable(upload.subject)}" if upload else pointer.upload,
    )


def diff_rows(first: "Manifest", second: "Manifest") -> list[DiffRow]:
    """The files that differ, by path; two datasets are compared by the paths below them."""
    old, new = _by_path(first), _by_path(second)
    rows = [_row(path, old.get(path), new.get(path)) for path in sorted(old.keys() | new.keys())]
    return [row for row in rows if row is not None]


def changes_of(row: LogRow) -> str:
    """`+3 ~1 -0`; nothing where an earlier release did not count."""
    if row.added is None:
        return ""
    return f"+{row.added} ~{row.changed} -{row.removed}"


def printable(text: str) -> str:
    """Text that cannot move a terminal's cursor: keys of S3 may hold any character."""
    return text if text.isprintable() else repr(text)[1:-1]


def _by_path(manifest: "Manifest") -> "dict[str, ManifestObject]":
    prefix = f"data/{manifest.dataset}/"
    return {each.key.removeprefix(prefix): each for each in manifest.objects}


def _row(path: str, old: "ManifestObject | None", new: "ManifestObject | None") -> DiffRow | None:
    before, after = old.size if old else None, new.size if new else None
    if old is None:
        return DiffRow(change="added", path=path, before=before, after=after)
    if new is None:
        return DiffRow(change="removed", path=path, before=before, after=after)
    if (old.size, old.checksum) == (new.size, new.checksum):
        return None
    return DiffRow(change="changed", path=path, before=before, after=after)


def sizes_of(row: DiffRow) -> str:
    """`3 → 5`, or the one that there is."""
    sizes = [str(size) for size in (row.before, row.after) if size is not None]
    return " → ".join(sizes)


LOG_COLUMNS: tuple[Column[LogRow], ...] = (
    Column("version", lambda row: short(row.version)),
    Column("settled", lambda row: ago(row.at)),
    Column("at", lambda row: row.at, detail=True),
    Column("objects", lambda row: str(row.objects)),
    Column("MB", lambda row: f"{row.bytes / 1e6:.1f}"),
    Column("changes", changes_of),
    Column("after", lambda row: row.upload, folds=True),
)
DIFF_COLUMNS: tuple[Column[DiffRow], ...] = (
    Column("", lambda row: SIGNS[row.change], style=lambda row: STYLES[row.change]),
    Column("file", lambda row: printable(row.path), folds=True),
    Column("bytes", sizes_of),
)
