"""Large bytes in the saved state (layers above all) are files of their own, written once.

MiniStack writes every layer into one JSON document at each save, in base64: 75 MB with the stacks deployed,
and a second in which nothing else is served.
"""

import hashlib
from pathlib import Path
from typing import Any

_LARGE = 16_384
_KEY = "__blob__"


def install() -> None:
    """Put the files beside MiniStack's own documents."""
    from ministack.core import persistence

    blobs = _Blobs(Path(persistence.STATE_DIR) / "blobs")
    default, hook = persistence._json_default, persistence._json_object_hook

    def json_default(value: Any) -> Any:
        if isinstance(value, bytes) and len(value) >= _LARGE:
            return {_KEY: blobs.write(value)}
        return default(value)

    def json_object_hook(value: dict[str, Any]) -> Any:
        return blobs.read(value[_KEY]) if value.keys() == {_KEY} else hook(value)

    persistence._json_default = json_default
    persistence._json_object_hook = json_object_hook


class _Blobs:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # Bytes never change and copies of them are the same object, so each is hashed once.
        self._known: dict[int, tuple[bytes, str]] = {}

    def write(self, value: bytes) -> str:
        known = self._known.get(id(value))
        if known is None:
            known = (value, hashlib.sha256(value).hexdigest())
            self._known[id(value)] = known
            self._write_file(*known)
        return known[1]

    def read(self, digest: str) -> bytes:
        value = (self._folder / digest).read_bytes()
        self._known[id(value)] = (value, digest)
        return value

    def _write_file(self, value: bytes, digest: str) -> None:
        path = self._folder / digest
        if path.exists():
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".new")
        temporary.write_bytes(value)
        temporary.replace(path)
