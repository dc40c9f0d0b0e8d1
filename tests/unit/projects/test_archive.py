"""What people send is untrusted: a corpus of hostile and broken archives, and archives at random."""

import io
import struct
import time
import zipfile
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluiceway.errors import InvalidUpload
from sluiceway.projects import archive, archive_entries
from sluiceway.projects.archive import open_archive
from tests.fakes.samples import project_files, zipped


def packed(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """A zip by Python's writer, which lets most of the hostile things pass."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries:
            file.writestr(name, content)
    return buffer.getvalue()


def renamed(old: bytes, new: bytes) -> bytes:
    """A zip in whose raw bytes a name was replaced by another of equal length."""
    assert len(old) == len(new)
    return packed((old.decode(), b"x")).replace(old, new)


def special(mode: int) -> bytes:
    """A zip with one entry of a special kind."""
    info = zipfile.ZipInfo("link")
    info.create_system, info.external_attr = 3, mode << 16
    return packed((info, b"/etc/passwd"))


def patched(field: int, value: int, *, size: str = "<L") -> bytes:
    """A zip with one field of its only central entry overwritten (offsets as in APPNOTE 4.3.12)."""
    raw = bytearray(packed(("a.py", b"hello")))
    struct.pack_into(size, raw, raw.index(b"PK\x01\x02") + field, value)
    return bytes(raw)


def shortened() -> bytes:
    """An entry that claims fewer bytes than it holds, and the checksum of those."""
    raw = bytearray(patched(24, 4))
    struct.pack_into("<L", raw, raw.index(b"PK\x01\x02") + 16, zlib.crc32(b"hell"))
    return bytes(raw)


def overlapping() -> bytes:
    """Two central entries that lead to the same data."""
    raw = bytearray(packed(("aa", b"x" * 100), ("bb", b"y" * 100)))
    second = raw.index(b"PK\x01\x02", raw.index(b"PK\x01\x02") + 4)
    struct.pack_into("<L", raw, second + 42, 0)
    return bytes(raw)


def truncated_deflate() -> bytes:
    """An entry whose data were swapped for other bytes of the same length."""
    raw = packed(("a.py", bytes(range(200))))
    start = raw.index(b"a.py") + 4
    return raw[:start] + b"\xff" * 40 + raw[start + 40 :]


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "not a whole zip"),
    "not a zip": (lambda: b"PK but no zip at all", "not a whole zip"),
    "a gzip": (lambda: b"\x1f\x8b\x08" + bytes(100), "not a whole zip"),
    "cut off": (lambda: packed(("a.py", b"x"))[:-30], "not a whole zip"),
    "bytes before": (lambda: b"#!/bin/sh\n" + packed(("a.py", b"x")), "before, between or behind"),
    "bytes behind": (lambda: packed(("a.py", b"x")) + b"more", "before, between or behind"),
    "two archives": (lambda: packed(("a.py", b"x")) + packed(("b.py", b"y")), "before, between or behind"),
    "parent folder": (lambda: packed(("../evil.py", b"x")), "'..'"),
    "deep parent": (lambda: packed(("a/../../evil.py", b"x")), "'..'"),
    "dot": (lambda: packed(("./a.py", b"x")), "'.'"),
    "double slash": (lambda: packed(("a//b.py", b"x")), "empty"),
    "absolute": (lambda: packed(("/etc/cron.d/evil", b"x")), "absolute"),
    "backslashes": (lambda: packed(("..\\evil.py", b"x")), "Windows"),
    "drive": (lambda: packed(("C:evil.py", b"x")), "Windows"),
    "share": (lambda: packed(("\\\\host\\share", b"x")), "Windows"),
    "NUL": (lambda: renamed(b"a.py_b.txt", b"a.py\x00b.txt"), "control characters"),
    "newline": (lambda: packed(("a\nb.py", b"x")), "control characters"),
    "escape sequence": (lambda: packed(("a\x1b[2Jb.py", b"x")), "control characters"),
    "line separator": (lambda: packed(("a\u2028b.py", b"x")), "control characters"),
    "only a slash": (lambda: packed(("/", b"")), "empty path"),
    "symbolic link": (lambda: special(0o120777), "is a link"),
    "device": (lambda: special(0o060666), "is a link, a device"),
    "pipe": (lambda: special(0o010666), "is a link, a device"),
    "file that is a folder": (lambda: special(0o040755), "both a file and a folder"),
    "folder with content": (lambda: packed(("a/", b"content")), "both a file and a folder"),
    "twice": (lambda: packed(("a.py", b"x"), ("a.py", b"y")), "same name"),
    "case": (lambda: packed(("Train.py", b"x"), ("train.py", b"y")), "same name"),
    "unicode forms": (lambda: packed(("\u00e9.py", b"x"), ("e\u0301.py", b"y")), "same name"),
    "sharp s": (lambda: packed(("stra\u00dfe", b"x"), ("STRASSE", b"y")), "same name"),
    "file under a file": (lambda: packed(("a", b"x"), ("a/b", b"y")), "which is a file"),
    "file under a file, other case": (lambda: packed(("A", b"x"), ("a/b", b"y")), "which is a file"),
    "encrypted": (lambda: patched(8, 0x1, size="<H"), "encrypted"),
    "unknown method": (lambda: patched(10, 97, size="<H"), "method 97"),
    "claims more": (lambda: patched(24, 6), "size or checksum"),
    "claims less": (lambda: patched(24, 4), "size or checksum"),
    "claims less, and its checksum": (shortened, "size or checksum"),
    "wrong checksum": (lambda: patched(16, 1), "size or checksum"),
    "header elsewhere": (lambda: patched(42, 7), "no header"),
    "header outside": (lambda: patched(42, 10**6), "outside"),
    "claims 4 GB": (lambda: patched(24, 0xFFFFFFF0), "times its size"),
    "data past the end": (lambda: patched(20, 10**4), "overlaps"),
    "overlapping": (overlapping, "overlaps"),
    "broken data": (truncated_deflate, "broken"),
    "bomb": (lambda: packed(("a", bytes(20 * 1024 * 1024))), "times its size"),
    "too deep": (lambda: packed(("/".join("abcdefgh" * 5) + "/x", b"x")), "folders deep"),
    "long name": (lambda: packed(("n" * 256, b"x")), "too long a name"),
    "long path": (lambda: packed(("/".join(["n" * 200] * 6), b"x")), "too long a name"),
    "too many": (lambda: packed(*((f"f{n}", b"") for n in range(10_001))), "more than 10000 entries"),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_or_broken_archive_is_refused_with_a_reason(kind: str) -> None:
    """Each ends in InvalidUpload that says what is wrong, in less than a second."""
    make, reason = HOSTILE[kind]
    raw = make()
    begun = time.perf_counter()
    with pytest.raises(InvalidUpload, match=reason):
        read_all(raw)
    assert time.perf_counter() - begun < 1


def read_all(raw: bytes) -> dict[str, bytes]:
    """Open an archive and read each of its files."""
    tree = open_archive(raw)
    return {path: tree.read(path) for path in tree.paths()}


def test_an_archive_may_not_unpack_to_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sum counts, however small each file is."""
    monkeypatch.setattr(archive_entries, "MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(InvalidUpload, match="push it as a dataset"):
        open_archive(packed(*((f"f{n}", b"x" * 100) for n in range(11))))


def test_an_archive_over_the_limit_is_not_even_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size alone refuses it."""
    monkeypatch.setattr(archive, "MAX_ARCHIVE_BYTES", 1000)
    with pytest.raises(InvalidUpload, match="the limit is 1000"):
        open_archive(bytes(1001))


@pytest.mark.parametrize("prefix", ["", "flight-delay/", "build/"])
def test_a_shared_top_folder_makes_no_difference(prefix: str) -> None:
    """Zipping the folder or its content gives the same files; leftovers of tools are no part of them."""
    left_over = {"__pycache__/a.pyc": b"x", ".git/HEAD": b"x", "build/out": b"x", "a/.DS_Store": b"x"}
    raw = zipped(project_files() | left_over, prefix=prefix)
    assert read_all(raw) == project_files()


def test_macos_leftovers_beside_the_top_folder_are_ignored() -> None:
    """The Finder packs a second folder of resource forks."""
    raw = zipped({f"p/{path}": body for path, body in project_files().items()} | {"__MACOSX/p/._a": b"x"})
    assert read_all(raw) == project_files()


# Python's writer fails on names that start with NUL; the corpus has NUL further behind.
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).filter(lambda name: name[0] != "\0")
entries = st.dictionaries(
    st.lists(names, min_size=1, max_size=3).map("/".join), st.binary(max_size=200), max_size=6
)


@settings(max_examples=300, deadline=None)
@given(entries)
def test_any_names_and_contents_are_read_back_or_refused(files: dict[str, bytes]) -> None:
    """What is accepted has only paths that stay inside, and the bytes that were packed."""
    try:
        read = read_all(packed(*files.items()))
    except InvalidUpload:
        return
    for path, content in read.items():
        assert not path.startswith("/")
        assert ".." not in path.split("/")
        assert content in files.values()


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_any_damage_is_harmless(data: st.DataObject) -> None:
    """Bytes changed at random: refused, or the same files; never another error."""
    raw = bytearray(zipped(project_files()))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = read_all(bytes(raw))
    except InvalidUpload:
        return
    assert set(read.values()) <= set(project_files().values())


@pytest.mark.parametrize(("raw", "name"), [("é.py".encode(), "é.py"), (b"\x82.py", "é.py")])
def test_names_without_the_flag_for_utf8_are_read_as_their_writers_meant_them(raw: bytes, name: str) -> None:
    """Linux's and macOS's zip write UTF-8 and do not say so; code page 437 is what the standard means."""
    placeholder = b"?" * (len(raw) - 3) + b".py"
    whole = packed((placeholder.decode(), b"x")).replace(placeholder, raw)
    assert list(open_archive(whole).paths()) == [name]


def test_files_that_macos_leaves_beside_files_are_ignored() -> None:
    """On file systems that are not its own it keeps attributes in `._name`."""
    whole = packed(("p/MLproject", b""), ("p/._MLproject", b"\0"), ("p/a.py", b""))
    assert list(open_archive(whole).paths()) == ["MLproject", "a.py"]
