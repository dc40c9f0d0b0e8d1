"""Read a request's body within limits, and unpack it when it is compressed."""

import zlib
from collections.abc import Awaitable, Callable
from typing import Any

from containers.model_server.refusal import bad_request, too_large, unsupported

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]

_WINDOW = 16 + zlib.MAX_WBITS
"""zlib's code for the gzip format."""
_LENGTH_DIGITS = 18
"""A longer Content-Length is over every limit; Python refuses to read numbers of thousands of digits."""


async def read(receive: Receive, headers: dict[bytes, bytes], limit: int) -> bytes:
    """The whole body, unpacked; `Refused` as soon as it is clear that it is over `limit` bytes."""
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and (len(length) > _LENGTH_DIGITS or int(length) > limit):
        raise _over(limit)
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        body = await _rest(receive, body, limit)
    encoding = headers.get(b"content-encoding")
    return body if encoding is None else _unpacked(body, encoding.decode("latin-1").lower(), limit)


async def _rest(receive: Receive, first: bytes, limit: int) -> bytes:
    parts, size, more = [first], len(first), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise bad_request("the connection was closed before the body was complete")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
        if size > limit:
            raise _over(limit)
    return b"".join(parts)


def _unpacked(body: bytes, encoding: str, limit: int) -> bytes:
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise unsupported(f"Content-Encoding {encoding!r} is not read; use gzip or none")
    unpacker = zlib.decompressobj(_WINDOW)
    try:
        content = unpacker.decompress(body, limit + 1)
    except zlib.error as error:
        raise bad_request(f"the body is not gzip: {error}") from None
    if len(content) > limit:
        raise _over(limit)
    if not unpacker.eof:
        raise bad_request("the gzip body is cut short")
    if unpacker.unused_data:
        raise bad_request("something follows the gzip data: compress the body as one whole")
    return content


def _over(limit: int) -> Exception:
    return too_large(f"the body is over {limit / 2**20:g} MiB: send fewer rows at once")
