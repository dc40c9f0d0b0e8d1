"""A zip archive that holds itself: who opens what it finds opens it for ever.

After Russ Cox, "Zip Files All The Way Down": deflate's stored blocks print what follows them, its copies
print again what was printed last.

Every instruction has five bytes, and what stands before and behind them has, with one more instruction, as
many bytes as a copy prints at most. The checksum stands in the archive whose checksum it is: CRC-32 is
linear, and 32 equations find it.
"""

import struct
import zlib

from tests.corpus.zip_bytes import CENTRAL, END, LOCAL

NAME = b"quine.zip"
REACH = 258
"""Bytes that one copy of deflate's can print at most."""
HEAD = REACH - 5
"""Bytes before the instructions, and behind them: with one instruction they are what a copy reaches."""
LAST_BLOCK = b"\x03\x00"
"""An empty block that is the last."""


def quine() -> bytes:
    """The archive: unpacked, its only entry is the archive."""
    empty = _with(0)
    columns = [zlib.crc32(_with(1 << bit)) ^ zlib.crc32(empty) ^ 1 << bit for bit in range(32)]
    return _with(_solve(columns, zlib.crc32(empty)))


def _with(crc: int) -> bytes:
    packed = len(_instructions(bytes(HEAD), bytes(HEAD))) + len(LAST_BLOCK)
    sizes = (crc, packed, 2 * HEAD + packed - len(LAST_BLOCK))
    head, tail = _head(sizes), _tail(sizes)
    return head + _instructions(head, tail) + tail


def _head(sizes: tuple[int, int, int]) -> bytes:
    extra = _filler(HEAD - LOCAL.size - len(NAME))
    return LOCAL.pack(b"PK\x03\x04", 20, 0, 8, 0, 33, *sizes, len(NAME), len(extra)) + NAME + extra


def _tail(sizes: tuple[int, int, int]) -> bytes:
    extra = _filler(HEAD - len(LAST_BLOCK) - CENTRAL.size - len(NAME) - END.size)
    entry = (b"PK\x01\x02", 20, 20, 0, 8, 0, 33, *sizes, len(NAME), len(extra), 0, 0, 0, 0, 0)
    directory = CENTRAL.pack(*entry) + NAME + extra
    start = sizes[2] - len(directory) - END.size
    end = END.pack(b"PK\x05\x06", 0, 0, 1, 1, len(directory), start, 0)
    return LAST_BLOCK + directory + end


def _filler(size: int) -> bytes:
    """An extra field that nobody knows."""
    return struct.pack("<HH", 0x9999, size - 4) + bytes(size - 4)


def _instructions(head: bytes, tail: bytes) -> bytes:
    """Each line prints what the lines before it have left to be printed."""
    none, one, four, far = _print(0), _print(5), _print(20), _print(REACH)
    again, four_again = _far_copy(), _copy_of_four()
    lines = [
        (far, head, far),
        (again,),
        (one, again),
        (one, one),
        (four, again, one, one, four),
        (four_again,),
        (four, four_again, four, four_again, four),
        (four_again,),
        (four, four_again, none, none, far),
        (four_again, none, none),
        (far, again, tail),
        (again,),
    ]
    return b"".join(part for line in lines for part in line)


def _print(count: int) -> bytes:
    """A stored block: so many bytes follow, and are printed."""
    return struct.pack("<BHH", 0, count, count ^ 0xFFFF)


def _far_copy() -> bytes:
    """Print the last 258 bytes again; then an empty block, which fills the fifth byte."""
    length, distance = "11000101", f"{16:05b}" + f"{REACH - 257:07b}"[::-1]
    return _bytes(f"010{length}{distance}{'0' * 7}" + f"010{'0' * 7}")


def _copy_of_four() -> bytes:
    """Print the last 20 bytes again: ten, and ten."""
    half = f"{264 - 256:07b}" + f"{8:05b}" + f"{20 - 17:03b}"[::-1]
    return _bytes(f"010{half}{half}{'0' * 7}")


def _bytes(bits: str) -> bytes:
    """In deflate's order, from the lowest bit of each byte."""
    return bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8))


def _solve(columns: list[int], wanted: int) -> int:
    """The set of columns whose sum, bit by bit, is what is wanted."""
    rows: dict[int, tuple[int, int]] = {}
    for bit, column in enumerate(columns):
        value, used = _reduced(column, 1 << bit, rows)
        if value:
            rows[value.bit_length()] = (value, used)
    left, used = _reduced(wanted, 0, rows)
    if left:
        raise ValueError("no checksum is its own: change the date")
    return used


def _reduced(value: int, used: int, rows: dict[int, tuple[int, int]]) -> tuple[int, int]:
    for length in sorted(rows, reverse=True):
        if value.bit_length() == length:
            value, used = value ^ rows[length][0], used ^ rows[length][1]
    return value, used
