"""Inputs near the seeds, for Hypothesis: it shrinks what it finds."""

from collections.abc import Sequence

from hypothesis import strategies as st


@st.composite
def near(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """A seed with some bytes overwritten, cut out, doubled or put in; or bytes from nothing."""
    if not seeds or draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=200))
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 8))
        way = draw(st.sampled_from(("overwrite", "cut", "double", "insert", "splice")))
        if way == "overwrite":
            data[at : at + length] = draw(st.binary(max_size=8))
        elif way == "cut":
            del data[at : at + length]
        elif way == "double":
            data[at:at] = data[at : at + 8 * length]
        elif way == "insert":
            data[at:at] = draw(st.sampled_from(_WORDS))
        else:
            data[at:] = draw(st.sampled_from(seeds))[-at:] if at else b""
    return bytes(data)


_WORDS = (
    b"\0", b"\xff", b"..", b"/", b"\n", b'"', b"'", b"{", b"}", b"[", b"]", b":", b"- ", b"&a ", b"*a",
    b"<<: ", b"!!", b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"-1", b"1e999", b"null", b"NaN",
    b"\\ud800", b"\xed\xa0\x80", b"%", b"99999999999999999999", b"L", b"W", b"#", b"?", b"*/", b",",
    b"=", b";", b"\xef\xbb\xbf", b"#2", b"-",
)  # fmt: skip
