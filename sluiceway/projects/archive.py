"""An archive that somebody sent, checked as a whole before anything of it is used. Nothing is ever extracted.

The bytes are untrusted. `open_archive` reads the end record, then every entry, and refuses with
`InvalidUpload` whatever could lead a reader astray: names that leave the folder or mean two files, links,
encryption, entries that overlap, sizes that lie. Contents are unpacked with a bound, and their checksums
compared.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence

from sluiceway.errors import InvalidUpload
from sluiceway.projects.archive_entries import Entry, check_entries
from sluiceway.projects.source_tree import canonical_path, is_noise, is_source

MAX_ARCHIVE_BYTES = 100 * 1024 * 1024
"""Source code, not data: fits a Lambda function's memory several times, and data has its own way in."""
MAX_ENTRIES = 10_000
"""`zipfile` takes 0.4 s for as many; 100,000 took 4.1 s (measured)."""

END_RECORD = struct.Struct("<4s4H2LH")
"""Signature, 2 disk numbers, 2 counts, size and offset of the directory, comment length (APPNOTE 4.3.16)."""
LOCAL_HEADER = struct.Struct("<4s5H3L2H")
"""Local file header up to the lengths of name and extra field (APPNOTE 4.3.7)."""

UTF8_NAMES = 0x800
"""Flag of an entry whose name is UTF-8 (APPNOTE 4.4.4)."""


class ArchiveTree:
    """The files of a checked archive that belong to the project's code, without a shared top folder."""

    def __init__(self, archive: bytes, entries: Mapping[str, Entry]) -> None:
        self._archive = archive
        self._entries = entries

    def paths(self) -> Sequence[str]:
        """Every file's path, sorted."""
        return sorted(self._entries)

    def read(self, path: str) -> bytes:
        """The file's bytes; raises `InvalidUpload` where they are not what the archive says of them."""
        return unpack(self._archive, self._entries[path])


def open_archive(archive: bytes) -> ArchiveTree:
    """Check a zip archive as a whole; raises `InvalidUpload` that names the entry, and says what to do."""
    if len(archive) > MAX_ARCHIVE_BYTES:
        raise InvalidUpload(
            f"the archive has {len(archive)} bytes, the limit is {MAX_ARCHIVE_BYTES}: keep data out of the "
            f"project's folder and push it as a dataset"
        )
    entries, directory = list_entries(archive)
    return ArchiveTree(archive, _sources(check_entries(entries, directory)))


def list_entries(archive: bytes, *, at_most: int = MAX_ENTRIES) -> tuple[Sequence[Entry], int]:
    """Every entry as the archive tells it, not yet checked, and where the data must end."""
    directory, count = _check_end_record(archive, at_most)
    told = _central_directory(archive)
    if len(told) != count:
        raise InvalidUpload(
            f"the zip archive says that it has {count} entries, there are {len(told)}; pack it again"
        )
    return [_entry(archive, info) for info in told], directory


def unpack(archive: bytes, entry: Entry) -> bytes:
    """One entry's content: never more than it claims, and exactly what its checksum says."""
    packed = archive[entry.start : entry.end]
    try:
        content = packed if entry.stored else _inflate(packed, entry)
    except zlib.error as error:
        raise InvalidUpload(
            f"{entry.path}: the compressed data are broken ({error}); pack it again"
        ) from error
    if len(content) != entry.size or zlib.crc32(content) != entry.crc:
        raise InvalidUpload(f"{entry.path}: size or checksum are not what the archive says; pack it again")
    return content


def _inflate(packed: bytes, entry: Entry) -> bytes:
    """One byte more than claimed is asked for, so that a lie shows without being unpacked."""
    decompressor = zlib.decompressobj(-zlib.MAX_WBITS)
    return decompressor.decompress(packed, entry.size + 1)


def _check_end_record(archive: bytes, at_most: int) -> tuple[int, int]:
    """Where the central directory begins, its number of entries; refuses what readers read differently."""
    position = archive.rfind(b"PK\x05\x06", max(0, len(archive) - END_RECORD.size - 0xFFFF))
    if position < 0 or position + END_RECORD.size > len(archive):
        raise InvalidUpload(
            "this is not a whole zip archive: pack the project's folder as .zip and push it again"
        )
    _, *disks, count, total, size, offset, comment = END_RECORD.unpack_from(archive, position)
    if any(disks) or count != total or 0xFFFF in (count, total) or 0xFFFFFFFF in (size, offset):
        raise InvalidUpload("the archive is split or in zip64 format: pack the folder as one plain zip")
    if offset + size != position or position + END_RECORD.size + comment != len(archive):
        raise InvalidUpload(
            "there is something before, between or behind the parts of the zip archive; pack it again"
        )
    if count > at_most or archive.count(b"PK\x01\x02", offset, position) > at_most:
        raise InvalidUpload(f"the archive has more than {at_most} entries: leave out data and environments")
    return int(offset), int(count)


def _central_directory(archive: bytes) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            return opened.infolist()
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, ValueError, struct.error) as error:
        raise InvalidUpload(f"the zip archive is broken: {error}; pack it again") from error


def _entry(archive: bytes, info: zipfile.ZipInfo) -> Entry:
    """An entry and where its data lie, which only the local header tells."""
    if info.header_offset + LOCAL_HEADER.size > len(archive):
        raise InvalidUpload(f"{info.orig_filename!r} lies outside the archive; pack it again")
    signature, *_, name_length, extra_length = LOCAL_HEADER.unpack_from(archive, info.header_offset)
    if signature != b"PK\x03\x04":
        raise InvalidUpload(f"{info.orig_filename!r} has no header where the archive says; pack it again")
    start = info.header_offset + LOCAL_HEADER.size + name_length + extra_length
    return Entry(
        path=_name(info),
        size=info.file_size,
        crc=info.CRC,
        flags=info.flag_bits,
        method=info.compress_type,
        mode=info.external_attr >> 16,
        header=info.header_offset,
        start=start,
        end=start + info.compress_size,
    )


def _name(info: zipfile.ZipInfo) -> str:
    """Linux's and macOS's zip write UTF-8 without the flag that says so; the standard means code page 437."""
    if info.flag_bits & UTF8_NAMES:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.orig_filename


def _sources(entries: Sequence[Entry]) -> dict[str, Entry]:
    """By path, without ignored files, and without the top folder that some tools pack around a project."""
    files = {canonical_path(entry.path): entry for entry in entries if not entry.is_folder}
    files = {path: entry for path, entry in files.items() if not is_noise(path)}
    top = _shared_top(files)
    inside = {path.removeprefix(top): entry for path, entry in files.items()}
    return {path: entry for path, entry in inside.items() if is_source(path)}


def _shared_top(paths: Mapping[str, Entry]) -> str:
    tops = {path.partition("/")[0] for path in paths}
    top = f"{tops.pop()}/" if len(tops) == 1 else ""
    return top if f"{top}MLproject" in paths else ""
