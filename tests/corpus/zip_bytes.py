"""Zip archives made byte by byte, so that every field can lie (APPNOTE.TXT 4.3)."""

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")


@dataclass(frozen=True, kw_only=True)
class Raw:
    """One entry. What is None is told truthfully."""

    name: bytes
    content: bytes = b"x"
    method: int = 0
    flags: int = 0
    mode: int = 0
    system: int = 3
    size: int | None = None
    packed_size: int | None = None
    crc: int | None = None
    offset: int | None = None
    local_name: bytes | None = None
    local_extra: bytes = b""
    central_extra: bytes = b""
    packed: bytes | None = None

    @property
    def data(self) -> bytes:
        """The bytes that stand in the archive."""
        if self.packed is not None:
            return self.packed
        return deflated(self.content) if self.method == 8 else self.content

    @property
    def sums(self) -> tuple[int, int, int]:
        """Checksum, packed and unpacked size, as they are told."""
        crc = zlib.crc32(self.content) if self.crc is None else self.crc
        packed = len(self.data) if self.packed_size is None else self.packed_size
        return crc, packed, len(self.content) if self.size is None else self.size


def archive(
    entries: Sequence[Raw], *, comment: bytes = b"", count: int | None = None, disk: int = 0
) -> bytes:
    """The archive of these entries."""
    body, directory = bytearray(), bytearray()
    for entry in entries:
        offset = len(body) if entry.offset is None else entry.offset
        body += _local(entry)
        directory += _central(entry, offset)
    told = len(entries) % 0x10000 if count is None else count
    end = END.pack(b"PK\x05\x06", disk, disk, told, told, len(directory), len(body), len(comment))
    return bytes(body + directory) + end + comment


def _local(entry: Raw) -> bytes:
    name = entry.name if entry.local_name is None else entry.local_name
    head = (
        b"PK\x03\x04",
        20,
        entry.flags,
        entry.method,
        0,
        0,
        *entry.sums,
        len(name),
        len(entry.local_extra),
    )
    return LOCAL.pack(*head) + name + entry.local_extra + entry.data


def _central(entry: Raw, offset: int) -> bytes:
    version, attributes = entry.system << 8 | 20, entry.mode << 16
    head = (b"PK\x01\x02", version, 20, entry.flags, entry.method, 0, 0, *entry.sums)
    tail = (len(entry.name), len(entry.central_extra), 0, 0, 0, attributes, offset)
    return CENTRAL.pack(*head, *tail) + entry.name + entry.central_extra


def deflated(content: bytes) -> bytes:
    """The bytes as zip's deflate packs them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def packed(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """A zip by Python's writer, which lets most of the hostile things pass."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries:
            file.writestr(name, content)
    return buffer.getvalue()


def renamed(old: bytes, new: bytes) -> bytes:
    """A zip in whose raw bytes a name was replaced by another of equal length."""
    if len(old) != len(new):
        raise ValueError("the names must be equally long")
    return packed((old.decode(), b"x")).replace(old, new)


def special(mode: int, *, system: int = 3, content: bytes = b"/etc/passwd") -> bytes:
    """A zip with one entry of a special kind."""
    return archive([Raw(name=b"link", content=content, mode=mode, system=system)])


def patched(field: int, value: int, *, size: str = "<L") -> bytes:
    """A zip with one field of its only central entry overwritten (offsets as in APPNOTE 4.3.12)."""
    raw = bytearray(packed(("a.py", b"hello")))
    struct.pack_into(size, raw, raw.index(b"PK\x01\x02") + field, value)
    return bytes(raw)
