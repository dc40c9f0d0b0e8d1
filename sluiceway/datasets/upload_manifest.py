"""Reads an upload's manifest and says what of it is not true yet. Nothing in it is trusted. Pure."""

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from sluiceway.datasets.contracts import ObjectVersion, StatedFile, UploadManifest
from sluiceway.errors import InvalidDataset
from sluiceway.triggers.uploads import MANIFEST, is_marker

MAX_BYTES = 16 * 1024 * 1024
"""Of a manifest: some 300 for each of the most files that it may name."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_TOLD = 5
"""Problems of a broken manifest that are told."""


def read_upload_manifest(dataset: str, body: bytes) -> UploadManifest:
    """Parse a manifest; raises `InvalidDataset` that says what is wrong with it, and what to do."""
    try:
        found = UploadManifest.model_validate_json(body.removeprefix(_BYTE_ORDER_MARK))
    except ValidationError as error:
        raise _broken(dataset, "; ".join(_complaints(error))) from error
    markers = [stated.path for stated in found.files if is_marker(f"data/{dataset}/{stated.path}")]
    if markers:
        raise _broken(dataset, f"files: {markers[0]!r} is a marker, no data")
    return found


def is_too_large(dataset: str, size: int) -> InvalidDataset:
    """The refusal of a manifest that is not even read."""
    return _broken(dataset, f"it has {size} bytes; the limit is {MAX_BYTES}: state count and bytes only")


def problems(
    stated: UploadManifest, found: Mapping[str, ObjectVersion], hashes: Mapping[str, str | None] | None = None
) -> list[str]:
    """Each statement that does not hold, by name. `found` by path; SHA-256 only once `hashes` are known."""
    told = [*_sums(stated, found)]
    for each in stated.files:
        problem = _problem(each, found.get(each.path), None if hashes is None else hashes.get(each.path))
        if problem:
            told.append(f"{each.path!r} {problem}")
    return told


def _problem(stated: StatedFile, found: ObjectVersion | None, sha256: str | None) -> str | None:
    if found is None:
        return "is missing"
    if stated.size is not None and stated.size != found.size:
        return f"has {found.size} bytes, {stated.size} are stated"
    if stated.sha256 and sha256 and stated.sha256.lower() != sha256:
        return f"has SHA-256 {sha256}, {stated.sha256.lower()} is stated"
    return None


def _sums(stated: UploadManifest, found: Mapping[str, ObjectVersion]) -> Iterator[str]:
    if stated.count is not None and stated.count != len(found):
        yield f"there are {len(found)} objects, {stated.count} are stated"
    size = sum(each.size for each in found.values())
    if stated.bytes is not None and stated.bytes != size:
        yield f"there are {size} bytes, {stated.bytes} are stated"


def _complaints(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False, include_input=False, include_context=False)[:_TOLD]:
        place = ".".join(str(part) for part in problem["loc"])[:200]
        yield f"{place}: {problem['msg']}"[:500] if place else problem["msg"][:500]


def _broken(dataset: str, reason: str) -> InvalidDataset:
    key = f"data/{dataset}/{MANIFEST}"
    return InvalidDataset(f"{key} is not a manifest: {reason}; upload a right one, or delete it")
