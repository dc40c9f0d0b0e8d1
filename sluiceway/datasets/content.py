"""What objects hash to, whatever client put them there: read only where S3 does not tell, and only once."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from sluiceway.datasets.contracts import ContentDigest, Manifest, ManifestObject, ObjectVersion
from sluiceway.datasets.manifest import Content
from sluiceway.datasets.settling import Settling
from sluiceway.errors import InvalidDataset, LostRace, NotFound
from sluiceway.gateways.objects import Archived

LARGEST_READ = 4 * 1024**3
"""bytes: what one connection reads and hashes within a function's time; of larger ones S3's ETag counts"""
BYTES_PER_SECOND = 60e6
"""Assumed of one connection to S3 (some 90 MB/s) and two hashes."""
_THREADS = 16
_MD5 = re.compile("[0-9a-f]{32}")
Done = TypeVar("Done")


class OutOfTime(LostRace):
    """The next object would take longer than is left: what was read so far is kept, look again."""


Key = tuple[str, str]
"""Key and S3 version id."""


def contents(
    dataset: str,
    found: Sequence[ObjectVersion],
    *,
    known: Manifest | None,
    hashed: frozenset[str],
    on: Settling,
) -> dict[Key, Content]:
    """The content of each object; of those whose keys are in `hashed` also the SHA-256, unless too large.

    `known` is the version before: what it says of the very same S3 versions is still true.
    Raises `OutOfTime`, and `LostRace` where an object went away meanwhile.
    """
    before = {(each.key, each.version_id): each for each in known.objects} if known else {}
    plain = on.objects.etags_are_md5(on.uploads_bucket)
    content = {_key(each): _told(each, before.get(_key(each)), plain=plain) for each in found}
    lacking = [each for each in found if _lacks(content[_key(each)], each, hashed)]
    work = partial(_content, dataset, known=content, on=on)
    try:
        return _known(content) | dict(_each(work, lacking))
    except NotFound as error:
        raise LostRace(f"an object of {dataset!r} went away while it was looked at: {error}") from error
    except Archived as error:
        raise InvalidDataset(f"the dataset {dataset!r}: {error}") from error


def _told(found: ObjectVersion, before: ManifestObject | None, *, plain: bool) -> Content | None:
    """What the version before, or S3's listing, says of the content."""
    if before is not None and not is_of_parts(before.checksum):
        return Content(before.checksum, before.sha256)
    if plain and _MD5.fullmatch(found.etag):
        return Content(f"etag:{found.etag}")
    if found.size <= LARGEST_READ:
        return None
    return Content(f"etag:{found.etag}" if "-" in found.etag else f"etag:{found.etag}-1")


def is_of_parts(checksum: str) -> bool:
    """Whether it is S3's ETag of an upload in parts: no hash of the bytes."""
    return checksum.startswith("etag:") and "-" in checksum


def _lacks(content: Content | None, found: ObjectVersion, hashed: frozenset[str]) -> bool:
    if content is None:
        return True
    return found.key in hashed and content.sha256 is None and found.size <= LARGEST_READ


def _known(content: Mapping[Key, Content | None]) -> dict[Key, Content]:
    return {key: each for key, each in content.items() if each is not None}


def _content(
    dataset: str, found: ObjectVersion, *, known: Mapping[Key, Content | None], on: Settling
) -> tuple[Key, Content]:
    told = known[_key(found)]
    if told is not None:
        given = on.objects.known_sha256(on.uploads_bucket, found.key, version_id=found.version_id)
        if given is not None:
            return _key(found), Content(told.checksum, given)
    digest = _digest(dataset, found, on)
    return _key(found), Content(told.checksum if told else f"etag:{digest.md5}", digest.sha256)


def _digest(dataset: str, found: ObjectVersion, on: Settling) -> ContentDigest:
    """Kept in the ledger as soon as it is known: whoever runs out of time has not read in vain."""
    kept = on.ledger.content_digest(dataset, found.key, found.version_id)
    if kept is not None:
        return kept
    if found.size / BYTES_PER_SECOND > on.seconds_left():
        raise OutOfTime(f"{found.key} has {found.size} bytes to be read")
    digest = _hash(on.objects.stream(on.uploads_bucket, found.key, version_id=found.version_id))
    on.ledger.record_content_digest(dataset, found.key, found.version_id, digest)
    return digest


def _hash(pieces: Iterable[bytes]) -> ContentDigest:
    md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    for piece in pieces:
        md5.update(piece)
        sha256.update(piece)
    return ContentDigest(md5=md5.hexdigest(), sha256=sha256.hexdigest())


def _each(work: Callable[[ObjectVersion], Done], found: Sequence[ObjectVersion]) -> list[Done]:
    if len(found) <= 1:
        return [work(each) for each in found]
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(work, found))


def _key(found: ObjectVersion) -> Key:
    return found.key, found.version_id
