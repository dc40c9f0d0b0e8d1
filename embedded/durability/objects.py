"""S3's files are whole after a kill, and a write that fails is refused.

MiniStack writes an object's bytes and then its description, so a kill between the two leaves new bytes under
an old description; and it logs a full disk as a warning and answers 200. Here the new description lies beside
the bytes before these are exchanged, so that the next start can tell which of the two belongs to them. And
an object's notifications are on disk before it: else a kill in between leaves one that nobody hears of.
"""

import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from embedded.durability import touched
from embedded.durability.store import StateNotSaved

logger = logging.getLogger(__name__)

_DESCRIPTION = ".meta.json"
_INTENDED = ".intended.tmp"
_TEMPORARY = ".tmp"


def install(save_notifications: Callable[[], None]) -> None:
    """Write objects so that they can be recovered, and pass failures on to the request.

    `save_notifications` may raise StateNotSaved: the object is refused.
    """
    from ministack.services import s3

    s3._atomic_write = _telling(s3._atomic_write)
    s3._persist_object = _persist(s3, save_notifications)


def recover(folder: Path) -> None:
    """Finish or undo the writes that a kill cut short; before MiniStack's S3 is imported."""
    for path in list(_temporary_files(folder)):
        if path.name.endswith(_INTENDED):
            _settle(path)
        path.unlink(missing_ok=True)


def _temporary_files(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        yield from (Path(parent) / name for name in sorted(names) if name.endswith(_TEMPORARY))


def _settle(intended: Path) -> None:
    """Give the bytes the description that they were written with, if they are there."""
    data = intended.with_name(intended.name.removesuffix(_INTENDED))
    try:
        expected = json.loads(intended.read_text())["sha256"]
    except (ValueError, KeyError):  # Cut short itself: the bytes are still the old ones.
        return
    if data.exists() and hashlib.sha256(data.read_bytes()).hexdigest() == expected:
        logger.info("Finishing the write of %s", data)
        description = data.with_name(data.name + _DESCRIPTION)
        description.write_text(json.dumps(json.loads(intended.read_text())["description"]))


def _telling(write: Callable[..., None]) -> Callable[..., None]:
    def atomic_write(path: str, data: Any, *, text: bool = False) -> None:
        try:
            write(path, data, text=text)
        except OSError as error:
            logger.error("%s cannot be written: %s", path, error)  # noqa: TRY400 - no trace is needed
            touched.failed(error)
            raise

    return atomic_write


def _persist(s3: Any, save_notifications: Callable[[], None]) -> Callable[[str, str, Any], None]:
    original = s3._persist_object

    def persist_object(bucket: str, key: str, obj: Any) -> None:
        path = s3._object_disk_path(bucket, key) if isinstance(obj, dict) else None
        data = obj.get("body") if path else None
        if data is None:
            original(bucket, key, obj)
            return
        try:
            save_notifications()
            _write(s3, Path(str(path)), data, _description(s3, bucket, key, obj))
        except (OSError, StateNotSaved) as error:
            touched.failed(error)  # The request is refused; the bytes stay in memory.
            return
        obj["body"] = None
        folder = Path(s3.DATA_DIR) / s3.get_account_id() / bucket
        s3._remove_key_files(s3._other_key_disk_path(str(folder), key, path))

    return persist_object


def _description(s3: Any, bucket: str, key: str, obj: Any) -> dict[str, Any]:
    return {**s3._object_meta_from_record(obj), **s3._key_history_meta(bucket, key), "key": key}


def _write(s3: Any, path: Path, data: bytes, description: dict[str, Any]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    described, beside = json.dumps(description), f"{path}{_DESCRIPTION}"
    if not path.exists() and not Path(beside).exists():
        # A description without bytes is passed over by MiniStack.
        s3._atomic_write(beside, described, text=True)
        s3._atomic_write(str(path), data)
        return
    intended = json.dumps({"sha256": hashlib.sha256(data).hexdigest(), "description": description})
    s3._atomic_write(f"{path}{_INTENDED}", intended, text=True)
    s3._atomic_write(str(path), data)
    s3._atomic_write(beside, described, text=True)
    Path(f"{path}{_INTENDED}").unlink()
