"""Reads an upload's manifest and says what of it is not true yet. Nothing in it is trusted. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from sluiceway.contract import Contract
from sluiceway.datasets.contracts import MAX_FILES, ObjectVersion, StatedFile, UploadManifest
from sluiceway.errors import InvalidDataset
from sluiceway.triggers.uploads import MANIFEST, is_marker

MAX_BYTES = 16 * 1024 * 1024
"""Of a manifest: some 300 for each of the most files that it may name."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_TOLD = 5
"""Problems of a broken manifest that are told."""
_RULES = {
    "sha256": "must be 64 hexadecimal digits, as sha256sum prints them; S3's own base64 is not read",
    "deadline": 'must be seconds, or text such as "90s", "15m", "2h", "1d": 1 minute to 7 days',
}
"""What is said of a field whatever is wrong with it: the rule helps more than the mistake's name."""


def read_upload_manifest(dataset: str, body: bytes) -> UploadManifest:
    """Parse a manifest; raises `InvalidDataset` that says what is wrong with it, and what to do."""
    told = _told_by(dataset, body)
    if (oversized := next(_oversized(told), None)) is not None:
        raise _broken(dataset, oversized)
    try:
        found = UploadManifest.model_validate(told)
    except ValidationError as error:
        raise _broken(dataset, "; ".join(_complaints(error))) from error
    markers = [stated.path for stated in found.files if is_marker(f"data/{dataset}/{stated.path}")]
    if markers:
        raise _broken(dataset, f"files: {markers[0]!r} is a marker, no data")
    return found


def _told_by(dataset: str, body: bytes) -> dict[str, Any]:
    try:
        told = from_json(body.removeprefix(_BYTE_ORDER_MARK))
    except ValueError as error:
        raise _broken(dataset, f"it is no JSON in UTF-8: {error}") from error
    if not isinstance(told, dict):
        raise _broken(dataset, 'it is no JSON object, such as {"count": 3}')
    return told


def _oversized(told: Mapping[str, Any]) -> Iterator[str]:
    """What has more parts than any manifest: of millions of small mistakes each would be kept in memory."""
    listed = told.get("files")
    files = listed if isinstance(listed, list) else []
    if len(files) > MAX_FILES:
        yield f"files names {len(files)}; the limit is {MAX_FILES}: state count and bytes only"
    yield from _unknown("", told, UploadManifest)
    for number, each in enumerate(files):
        yield from _unknown(f"files.{number}: ", each, StatedFile)


def _unknown(place: str, told: object, model: type[Contract]) -> Iterator[str]:
    """One of the fields that nobody knows, where there are more than anybody knows."""
    if isinstance(told, dict) and len(told) > len(model.model_fields):
        name = next(name for name in told if name not in model.model_fields)
        yield f"{place}{name[:60]!r} is not known here: there are {', '.join(model.model_fields)}"


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
        told = _RULES.get(place.rpartition(".")[2], problem["msg"].removeprefix("Value error, "))[:500]
        yield f"{place}: {told}" if place else told


def _broken(dataset: str, reason: str) -> InvalidDataset:
    key = f"data/{dataset}/{MANIFEST}"
    return InvalidDataset(f"{key} is not a manifest: {reason}; upload a right one, or delete it")
