"""Zip files that depend on nothing but their content."""

import hashlib
import os
import zipfile
from collections.abc import Iterable
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)


def content_hash(*parts: str | bytes) -> str:
    """16 hexadecimal digits that change with any of the parts."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8) + data)
    return digest.hexdigest()[:16]


def files_below(folder: Path) -> list[Path]:
    """Every file below a folder, in an order that is the same everywhere."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def write_zip(target: Path, *, entries: Iterable[tuple[str, Path]]) -> Path:
    """Write (name in the archive, file) pairs, all at once: a reader never sees half an archive."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(f".{os.getpid()}")  # of its own: two synths may build the same archive
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, path in entries:
            info = zipfile.ZipInfo(name, date_time=_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (0o755 if path.stat().st_mode & 0o100 else 0o644) << 16
            archive.writestr(info, path.read_bytes())
    return unfinished.rename(target)
