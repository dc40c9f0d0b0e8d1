"""Hostile, broken and odd archives: how each is made, and what is to be said of it."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping

from tests.corpus.quine import NAME as QUINE
from tests.corpus.quine import quine
from tests.corpus.zip_bytes import Raw, archive, deflated, packed, patched, renamed, special

MIB = 1024 * 1024
ZIP64_SIZES = struct.pack("<HHQQ", 1, 16, 1, 1)


def shortened() -> bytes:
    """An entry that claims fewer bytes than it holds, and the checksum of those."""
    return archive([Raw(name=b"a.py", content=b"hello", method=8, size=4, crc=zlib.crc32(b"hell"))])


def overlapping() -> bytes:
    """Two central entries that lead to the same data."""
    return archive([Raw(name=b"aa", content=b"x" * 100), Raw(name=b"bb", content=b"y" * 100, offset=0)])


def quoted_overlap() -> bytes:
    """David Fifield's better zip bomb: each entry's data hold the local header of the next one."""
    kernel = Raw(name=b"b", content=bytes(1000), method=8)
    local = archive([kernel]).split(b"PK\x01\x02")[0]
    header = local[: -len(kernel.data)]
    quote = b"\0" + struct.pack("<HH", len(header), 0xFFFF - len(header))
    first = Raw(name=b"a", content=header + kernel.content, method=8, packed=quote + local)
    return archive([first, Raw(name=b"b", content=kernel.content, method=8, offset=31 + len(quote))])


def swapped_data() -> bytes:
    """An entry whose data were swapped for other bytes of the same length."""
    raw = packed(("a.py", bytes(range(200))))
    start = raw.index(b"a.py") + 4
    return raw[:start] + b"\xff" * 40 + raw[start + 40 :]


def of_itself() -> bytes:
    """A stored entry whose data reach to the end of the archive: it holds its own directory."""
    whole = archive([Raw(name=b"self.zip", content=b"x")])
    return archive([Raw(name=b"self.zip", content=b"x", size=len(whole), packed_size=len(whole))])


def zip64() -> bytes:
    """An end record that sends the reader to a zip64 one."""
    body = archive([Raw(name=b"a", size=0xFFFFFFFF, packed_size=0xFFFFFFFF, central_extra=ZIP64_SIZES)])
    position = body.index(b"PK\x05\x06")
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, position - 31, 31)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, position, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return body[:position] + record + locator + end


def second_end_record() -> bytes:
    """A comment that is an end record of its own: readers differ in which they take."""
    other = archive([Raw(name=b"evil.py")])
    return archive([Raw(name=b"a.py")], comment=other)


def many(count: int, *, told: int | None = None, names: str = "f{}") -> bytes:
    """An archive of so many small files; `told` is how many the end record admits."""
    return archive(
        [Raw(name=names.format(number).encode(), content=b"") for number in range(count)], count=told
    )


def many_mebibytes(count: int) -> bytes:
    """Each file as repetitive as a small one may be; together far over the limit."""
    content = bytes(MIB)
    entry = {"content": content, "method": 8, "packed": deflated(content)}
    return archive([Raw(name=f"zeros/{number}".encode(), **entry) for number in range(count)])


def nested(depth: int) -> bytes:
    """An archive in an archive in an archive: a bomb for those who open what they find."""
    raw = packed(("bomb", bytes(MIB)))
    for _ in range(depth):
        raw = packed(("inner.zip", raw))
    return raw


def streamed() -> bytes:
    """As pipes write it: sizes stand behind the data, and in the directory."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(Unseekable(buffer), "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.py", b"print('hello')")
    return buffer.getvalue()


class Unseekable:
    """A pipe: what was written cannot be mended."""

    def __init__(self, buffer: io.BytesIO) -> None:
        self.write = buffer.write
        self.flush = buffer.flush


def force_zip64() -> bytes:
    """Python's writer where it does not know the size: only the local header is of zip64."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file, file.open("a.py", "w", force_zip64=True) as entry:
        entry.write(b"print('hello')")
    return buffer.getvalue()


HOSTILE: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "not a whole zip"),
    "not a zip": (lambda: b"PK but no zip at all", "not a whole zip"),
    "a gzip": (lambda: b"\x1f\x8b\x08" + bytes(100), "not a whole zip"),
    "a tar": (lambda: b"a.py" + bytes(253) + b"ustar\x0000" + bytes(1000), "not a whole zip"),
    "cut off": (lambda: packed(("a.py", b"x"))[:-30], "not a whole zip"),
    "only an end record": (lambda: archive([], count=7), "there are 0"),
    "bytes before": (lambda: b"#!/bin/sh\n" + packed(("a.py", b"x")), "before, between or behind"),
    "bytes behind": (lambda: packed(("a.py", b"x")) + b"more", "before, between or behind"),
    "two archives": (lambda: packed(("a.py", b"x")) + packed(("b.py", b"y")), "before, between or behind"),
    "two end records": (second_end_record, "before, between or behind"),
    "split over disks": (lambda: archive([Raw(name=b"a")], disk=1), "split or in zip64"),
    "zip64": (zip64, "split or in zip64"),
    "parent folder": (lambda: packed(("../evil.py", b"x")), "'..'"),
    "deep parent": (lambda: packed(("a/../../evil.py", b"x")), "'..'"),
    "parent at the end": (lambda: packed(("a/..", b"x")), "'..'"),
    "parent folder alone": (lambda: archive([Raw(name=b"../")]), "'..'"),
    "dot": (lambda: packed(("./a.py", b"x")), "'.'"),
    "double slash": (lambda: packed(("a//b.py", b"x")), "empty"),
    "absolute": (lambda: packed(("/etc/cron.d/evil", b"x")), "absolute"),
    "two slashes first": (lambda: packed(("//server/share", b"x")), "absolute"),
    "backslashes": (lambda: packed(("..\\evil.py", b"x")), "Windows"),
    "drive": (lambda: packed(("C:evil.py", b"x")), "Windows"),
    "share": (lambda: packed(("\\\\host\\share", b"x")), "Windows"),
    "no name": (lambda: archive([Raw(name=b"")]), "empty path"),
    "NUL": (lambda: renamed(b"a.py_b.txt", b"a.py\x00b.txt"), "control characters"),
    "NUL first": (lambda: archive([Raw(name=b"\0a.py")]), "control characters"),
    "newline": (lambda: packed(("a\nb.py", b"x")), "control characters"),
    "carriage return": (lambda: packed(("a\rb.py", b"x")), "control characters"),
    "escape sequence": (lambda: packed(("a\x1b[2Jb.py", b"x")), "control characters"),
    "line separator": (lambda: packed(("a\u2028b.py", b"x")), "control characters"),
    "half a character": (lambda: archive([Raw(name=b"a\xed\xa0\x80.py", flags=0x800)]), "broken|control"),
    "bad UTF-8": (lambda: archive([Raw(name=b"\xff\xfe.py", flags=0x800)]), "broken"),
    "only a slash": (lambda: packed(("/", b"")), "empty path"),
    "symbolic link": (lambda: special(0o120777), "is a link"),
    "symbolic link of another system": (lambda: special(0o120777, system=0), "is a link"),
    "symbolic link to a folder": (
        lambda: archive([Raw(name=b"l/", mode=0o120777, content=b"")]),
        "is a link",
    ),
    "device": (lambda: special(0o060666), "is a link, a device"),
    "character device": (lambda: special(0o020666), "is a link, a device"),
    "pipe": (lambda: special(0o010666), "is a link, a device"),
    "socket": (lambda: special(0o140777), "is a link, a device"),
    "file that is a folder": (lambda: special(0o040755), "both a file and a folder"),
    "folder with content": (lambda: packed(("a/", b"content")), "both a file and a folder"),
    "twice": (lambda: packed(("a.py", b"x"), ("a.py", b"y")), "same name"),
    "case": (lambda: packed(("Train.py", b"x"), ("train.py", b"y")), "same name"),
    "unicode forms": (lambda: packed(("\u00e9.py", b"x"), ("e\u0301.py", b"y")), "same name"),
    "sharp s": (lambda: packed(("stra\u00dfe", b"x"), ("STRASSE", b"y")), "same name"),
    "dotless i": (lambda: packed(("\u0130.py", b"x"), ("i\u0307.py", b"y")), "same name"),
    "file under a file": (lambda: packed(("a", b"x"), ("a/b", b"y")), "which is a file"),
    "file under a file, other case": (lambda: packed(("A", b"x"), ("a/b", b"y")), "which is a file"),
    "file and folder of one name": (lambda: packed(("a", b"x"), ("a/", b"")), "same name|which is a file"),
    "encrypted": (lambda: patched(8, 0x1, size="<H"), "encrypted"),
    "strongly encrypted": (lambda: patched(8, 0x41, size="<H"), "encrypted"),
    "masked headers": (lambda: patched(8, 0x2001, size="<H"), "encrypted"),
    "deflate64": (lambda: patched(10, 9, size="<H"), "method 9"),
    "bzip2": (lambda: patched(10, 12, size="<H"), "method 12"),
    "lzma": (lambda: patched(10, 14, size="<H"), "method 14"),
    "zstandard": (lambda: patched(10, 93, size="<H"), "method 93"),
    "unknown method": (lambda: patched(10, 97, size="<H"), "method 97"),
    "claims more": (lambda: patched(24, 6), "size or checksum"),
    "claims less": (lambda: patched(24, 4), "size or checksum"),
    "claims less, and its checksum": (shortened, "size or checksum"),
    "stored, and claims more": (lambda: archive([Raw(name=b"a", size=2)]), "not its size"),
    "wrong checksum": (lambda: patched(16, 1), "size or checksum"),
    "header elsewhere": (lambda: patched(42, 7), "no header"),
    "header outside": (lambda: patched(42, 10**6), "outside"),
    "claims 4 GB": (lambda: patched(24, 0xFFFFFFF0), "times its size"),
    "data past the end": (lambda: patched(20, 10**4), "overlaps"),
    "overlapping": (overlapping, "overlaps"),
    "overlapping by quoting": (quoted_overlap, "overlaps"),
    "of itself": (of_itself, "overlaps"),
    "extra field past the end": (
        lambda: archive([Raw(name=b"a", content=b"")]).replace(b"\x01\x00\x00\x00a", b"\x01\x00\xff\xffa", 1),
        "overlaps|outside|no header|broken",
    ),
    "broken data": (swapped_data, "broken|size or checksum"),
    "no data at all": (
        lambda: archive([Raw(name=b"a", content=b"xx", method=8, packed=b"")]),
        "size or|broken",
    ),
    "data without an end": (
        lambda: archive([Raw(name=b"a", content=b"x" * 99, method=8, packed=deflated(b"x" * 99)[:-2])]),
        "size or checksum|broken",
    ),
    "bomb": (lambda: packed(("a", bytes(20 * MIB))), "times its size"),
    "bomb of 4 GB": (
        lambda: archive([Raw(name=b"a", content=bytes(MIB), method=8, size=0xFFFFFFFE)]),
        "times its size",
    ),
    "many mebibytes": (lambda: many_mebibytes(300), "push it as a dataset"),
    "too deep": (lambda: packed(("/".join("abcdefgh" * 5) + "/x", b"x")), "folders deep"),
    "long name": (lambda: packed(("n" * 256, b"x")), "too long a name"),
    "long path": (lambda: packed(("/".join(["n" * 200] * 6), b"x")), "too long a name"),
    "name of 65,000 bytes": (lambda: archive([Raw(name=b"n" * 65000)]), "too long a name|more than|broken"),
    "too many": (lambda: many(10_001), "more than 10000 entries"),
    "100,000 entries": (lambda: many(100_000), "more than 10000 entries"),
    "100,000 entries, and admits one": (lambda: many(100_000, told=1), "more than 10000 entries|broken"),
}
"""What each is called: how it is made, and a pattern of what `InvalidUpload` says of it."""

HARMLESS: Mapping[str, tuple[Callable[[], bytes], list[str]]] = {
    "nothing in it": (lambda: archive([]), []),
    "a comment": (lambda: archive([Raw(name=b"a.py")], comment=b"made by hand"), ["a.py"]),
    "streamed": (streamed, ["a.py"]),
    "zip64 where it is not needed": (force_zip64, ["a.py"]),
    "an archive in an archive": (lambda: nested(20), ["inner.zip"]),
    "an archive of itself, for ever": (quine, [QUINE.decode()]),
    "another name in the local header": (
        lambda: archive([Raw(name=b"a.py", local_name=b"../../etc/passwd")]),
        ["a.py"],
    ),
    "a name in an extra field": (
        lambda: archive(
            [
                Raw(
                    name=b"a.py",
                    central_extra=struct.pack("<HHBL", 0x7075, 12, 1, zlib.crc32(b"a.py")) + b"../evil",
                )
            ]
        ),
        ["a.py"],
    ),
    "an option as a name": (lambda: packed(("-rf", b"x"), ("--help", b"x")), ["--help", "-rf"]),
    "a shell's words": (lambda: packed(("$(id)", b"x"), ("`id`;&|", b"x")), ["$(id)", "`id`;&|"]),
    "a device of Windows": (lambda: packed(("NUL", b"x"), ("con.py", b"x")), ["NUL", "con.py"]),
    "homoglyphs": (
        lambda: packed(("tr\u0430in.py", b"x"), ("train.py", b"x")),
        ["train.py", "tr\u0430in.py"],
    ),
    "right to left": (lambda: packed(("a\u202eyp.exe", b"x")), ["a\u202eyp.exe"]),
    "hooks of git": (lambda: packed((".git/hooks/post-checkout", b"x"), ("a.py", b"x")), ["a.py"]),
    "10,000 entries": (lambda: many(10_000), sorted(f"f{number}" for number in range(10_000))),
    "a small file of zeros": (lambda: packed(("zeros", bytes(MIB))), ["zeros"]),
}
"""What looks odd and may be taken: how it is made, and the paths that are read of it."""
