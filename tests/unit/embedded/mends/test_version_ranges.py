"""Of a version, too, a range is what was asked for."""

from embedded.mends.version_ranges import cut

WHOLE = (200, {"Content-Length": "10", "ETag": '"e"', "x-amz-checksum-crc32": "AAAA"}, b"0123456789")


def test_a_range_is_sent_as_a_part() -> None:
    """Status, length and place say so; the whole object's checksum is not sent with it."""
    headers = {"Content-Length": "3", "ETag": '"e"', "Content-Range": "bytes 4-6/10"}
    assert cut(WHOLE, (4, 6)) == (206, headers, b"456")


def test_a_range_outside_is_no_part() -> None:
    """It is refused by whoever asks."""
    assert cut(WHOLE, None) is None
