"""Removes, at the start, files that are named after their content and that nothing saved names any more.

Large bytes, unpacked code and process images lie in files and folders called after a SHA-256. Whatever looks
like one in the saved rows counts as a reference, so at worst something is kept for nothing. Nothing runs at
that moment, so nothing can become a reference meanwhile.
"""

import hashlib
import json
import logging
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from embedded.durability.restore import Saved
from embedded.durability.store import Store

logger = logging.getLogger(__name__)

_DIGEST = re.compile(r"[0-9a-f]{64}")
_CODE = ("lambda.functions", "lambda.layers")


def prune(state_dir: Path, store: Store, saved: Saved) -> list[Path]:
    """Remove what nothing refers to; returns what was removed."""
    named = set(_named_in_rows(store))
    code = named | set(_digests_of_code(saved))
    found = [
        *_unnamed(state_dir / "ministack" / "blobs", named),
        *_unnamed(state_dir / "lambda" / "unpacked", code),
        *_unnamed(state_dir / "images", named | set(_local_names(state_dir / "images" / "names.json"))),
    ]
    for path in found:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    if found:
        logger.info("Removed %d files and folders that nothing refers to any more", len(found))
    return found


def _unnamed(folder: Path, named: set[str]) -> Iterator[Path]:
    for path in sorted(folder.iterdir()) if folder.exists() else ():
        digest = _DIGEST.match(path.name)
        # What a kill cut short in the making has an ending to its name.
        if digest and (digest[0] not in named or path.suffix == ".new"):
            yield path


def _named_in_rows(store: Store) -> Iterator[str]:
    for collection in store.collections():
        for row in store.rows(collection):
            yield from _DIGEST.findall(row.value)


def _digests_of_code(saved: Saved) -> Iterator[str]:
    """Of archives so small that they are saved within their row; others are named in it."""
    for name in _CODE:
        for archive in _bytes_in(saved.entries.get(name, {}).values()):
            yield hashlib.sha256(archive).hexdigest()


def _bytes_in(value: Any) -> Iterator[bytes]:
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, Mapping):
        yield from _bytes_in(value.values())
    elif isinstance(value, Iterable) and not isinstance(value, str):
        for each in value:
            yield from _bytes_in(each)


def _local_names(path: Path) -> Iterator[str]:
    """Images to which builds on this machine gave names; a pushed one is named by ECR while it is there."""
    names = json.loads(path.read_text()) if path.exists() else {}
    for reference, digest in names.items():
        if "@" not in reference:
            yield str(digest).removeprefix("sha256:")
