"""Answers of GitHub that are kept: asked for again with their ETag, they cost nothing of the rate limit."""

from typing import Any

KEPT_ANSWERS = 64
LARGEST_KEPT = 64 * 1024
"""Bytes: heads, permissions, short lists. The payload of a delivery may have 25 MB, in a function of 512."""

Answer = Any
"""Parsed JSON."""


class KeptAnswers:
    """The newest answers, by path and query."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, Answer]] = {}

    def known(self, asked: str) -> tuple[str, Answer]:
        """ETag and answer of the last time; an empty ETag where there is none."""
        return self._kept.get(asked, ("", None))

    def keep(self, asked: str, etag: str, answer: Answer, *, size: int) -> None:
        """Keep an answer of so many bytes, where it has an ETag and is small."""
        self._kept.pop(asked, None)
        if etag and size <= LARGEST_KEPT:
            self._kept[asked] = (etag, answer)
        if len(self._kept) > KEPT_ANSWERS:
            self._kept.pop(next(iter(self._kept)))
