"""What an archive may hold: names, kinds, sizes and places of its entries."""

import stat
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sluiceway.errors import InvalidUpload
from sluiceway.projects.source_tree import is_writable

MAX_UNPACKED_BYTES = 250 * 1024 * 1024
"""What a Lambda function with its layers may hold as well (AWS's limit): far more than source code needs."""
MAX_RATIO = 200
"""Of unpacked to packed; text reaches 10, deflate's own bound is 1,032."""
RATIO_FREE_BYTES = 1024 * 1024
"""Smaller files may be as repetitive as they like."""
MAX_DEPTH = 32
MAX_PATH_BYTES = 1024
"""The longest key of S3."""
MAX_NAME_BYTES = 255
"""The longest file name of Linux's file systems."""

STORED, DEFLATED = 0, 8
ENCRYPTED = 0x1 | 0x40 | 0x2000
"""Flags for encryption, strong encryption and masked headers (APPNOTE 4.4.4)."""


@dataclass(frozen=True)
class Entry:
    """One entry: what the archive says of it, and from where to where its data lie."""

    path: str
    size: int
    """Unpacked, in bytes."""
    crc: int
    flags: int
    method: int
    mode: int
    """Unix file mode, 0 where the archive carries none."""
    header: int
    start: int
    end: int

    @property
    def is_folder(self) -> bool:
        """Folders are entries whose name ends in a slash."""
        return self.path.endswith("/")

    @property
    def stored(self) -> bool:
        """Whether the data lie there as they are."""
        return self.method == STORED


def check_entries(entries: Sequence[Entry], directory: int) -> Sequence[Entry]:
    """The entries, when all may be used; `directory` is where the data must end. Else `InvalidUpload`."""
    for entry in entries:
        for check in ENTRY_CHECKS:
            complaint = check(entry)
            if complaint:
                raise InvalidUpload(f"{entry.path!r} {complaint}")
    _check_total(entries)
    check_overlap(entries, directory)
    _check_clashes(entries)
    return entries


def _check_name(entry: Entry) -> str | None:
    path = entry.path.removesuffix("/")
    if not path or path.startswith("/") or "\\" in path or (len(path) > 1 and path[1] == ":"):
        return "is an absolute, Windows or empty path: pack with relative paths and '/'"
    if any(part in ("", ".", "..") for part in path.split("/")):
        return "has an empty, '.' or '..' part: pack from inside the project's folder"
    if not is_writable(path):
        return "has control characters in its name: rename the file"
    return None


def _check_length(entry: Entry) -> str | None:
    parts = entry.path.removesuffix("/").split("/")
    if len(parts) > MAX_DEPTH:
        return f"lies {len(parts)} folders deep, the limit is {MAX_DEPTH}"
    if len(entry.path.encode()) > MAX_PATH_BYTES or any(len(p.encode()) > MAX_NAME_BYTES for p in parts):
        return f"has too long a name: at most {MAX_NAME_BYTES} bytes a part and {MAX_PATH_BYTES} in all"
    return None


def _check_kind(entry: Entry) -> str | None:
    kind = stat.S_IFMT(entry.mode)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link, a device or a pipe: only files and folders are accepted"
    if (kind == stat.S_IFDIR and not entry.is_folder) or (entry.is_folder and entry.size):
        return "is both a file and a folder"
    return None


def _check_method(entry: Entry) -> str | None:
    if entry.flags & ENCRYPTED:
        return "is encrypted: pack without a password"
    if entry.method not in (STORED, DEFLATED):
        return f"is packed by method {entry.method}: use deflate, as every zip tool does by default"
    return None


def _check_size(entry: Entry) -> str | None:
    packed = entry.end - entry.start
    if entry.stored and packed != entry.size:
        return "has a size that is not its size in the archive"
    if entry.size > max(RATIO_FREE_BYTES, packed * MAX_RATIO):
        return f"unpacks to more than {MAX_RATIO} times its size: {packed} to {entry.size} bytes"
    return None


ENTRY_CHECKS: tuple[Callable[[Entry], str | None], ...] = (
    _check_name,
    _check_length,
    _check_kind,
    _check_method,
    _check_size,
)
"""Each returns what is wrong with an entry, or None."""


def _check_total(entries: Sequence[Entry]) -> None:
    total = sum(entry.size for entry in entries)
    if total > MAX_UNPACKED_BYTES:
        raise InvalidUpload(
            f"the archive unpacks to {total} bytes, the limit is {MAX_UNPACKED_BYTES}: keep data out of the "
            f"project's folder and push it as a dataset"
        )


def check_overlap(entries: Sequence[Entry], directory: int) -> None:
    """Overlapping data are how a small archive unpacks to petabytes, each entry looking innocent."""
    position = 0
    for entry in sorted(entries, key=lambda entry: entry.header):
        if entry.header < position or entry.end > directory:
            raise InvalidUpload(f"{entry.path!r} overlaps another part of the archive; pack it again")
        position = entry.end


def _check_clashes(entries: Sequence[Entry]) -> None:
    """Names that mean the same file on some file system, and files that are folders of others."""
    seen: dict[str, str] = {}
    for entry in entries:
        folded = _folded(entry.path)
        if folded in seen and not (entry.is_folder and seen[folded].endswith("/")):
            raise InvalidUpload(
                f"{entry.path!r} and {seen[folded]!r} are the same name on some systems: rename one"
            )
        seen[folded] = entry.path
    files = {folded for folded, path in seen.items() if not path.endswith("/")}
    for folded, path in seen.items():
        clash = next((parent for parent in _parents(folded) if parent in files), None)
        if clash:
            raise InvalidUpload(f"{path!r} lies in {seen[clash]!r}, which is a file: pack it again")


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold()).removesuffix("/")


def _parents(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
