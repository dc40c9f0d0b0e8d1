"""Objects into requests, and answers into objects.

Sources: API reference of `TransformInput` and `TransformOutput`.
"""

from collections.abc import Iterator, Sequence


class TooLargeError(Exception):
    """A record, or a whole object that is not split, is larger than a payload may be."""


def batches(data: bytes, *, by_lines: bool, is_single: bool, limit: int) -> Iterator[bytes]:
    """The payloads of an object: the whole, each line, or as many lines as fit. Raises TooLargeError."""
    records = data.splitlines() if by_lines else [data]
    too_large = next((each for each in records if len(each) > limit), None)
    if too_large is not None:
        raise TooLargeError(f"a payload of {len(too_large)} bytes is larger than MaxPayloadInMB allows")
    if is_single or not by_lines:
        yield from records
    else:
        yield from _together(records, limit)


def assembled(answers: Sequence[bytes], *, with_newlines: bool) -> bytes:
    """The answers of one object's payloads in one piece, in their order."""
    if not with_newlines:
        return b"".join(answers)
    return b"".join(each.removesuffix(b"\n") + b"\n" for each in answers)


def output_key(prefix: str, key: str, target: str) -> str:
    """Where the answers of an object go: its path below the prefix's last folder, with `.out`."""
    folder = prefix[: prefix.rfind("/") + 1]
    return "/".join(part for part in (target.strip("/"), f"{key.removeprefix(folder)}.out") if part)


def _together(records: Sequence[bytes], limit: int) -> Iterator[bytes]:
    gathered: list[bytes] = []
    size = 0
    for record in records:
        if gathered and size + len(record) + 1 > limit:
            yield b"\n".join(gathered)
            gathered, size = [], 0
        gathered.append(record)
        size += len(record) + 1
    if gathered:
        yield b"\n".join(gathered)
