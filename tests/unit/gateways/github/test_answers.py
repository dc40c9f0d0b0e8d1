"""Answers that are kept, and asked for again by their ETag."""

from sluiceway.gateways.github import RestGitHub
from sluiceway.gateways.github_answers import KEPT_ANSWERS, LARGEST_KEPT, KeptAnswers
from tests.fakes.github import (
    FakeGitHub,
)
from tests.fakes.github_repository import FakeRepository
from tests.fakes.github_world import REPOSITORY


def test_an_unchanged_answer_comes_from_memory(
    server: FakeGitHub, repository: FakeRepository, github: RestGitHub
) -> None:
    """GitHub answers 304 to the ETag, which costs nothing of the rate limit."""
    sha = repository.push({"a": b"b"})
    assert [github.head(REPOSITORY, "main") for _ in range(3)] == [sha] * 3
    assert "if-none-match" in server.requests[-1].headers
    newer = repository.push({"a": b"c"})
    assert github.head(REPOSITORY, "main") == newer


def test_large_answers_are_not_kept(
    server: FakeGitHub, repository: FakeRepository, github: RestGitHub
) -> None:
    """The payload of a delivery may have 25 MB; dozens of them would be more than a function's memory."""
    repository.delivered("push", {"text": "x" * LARGEST_KEPT}, guid="large")
    repository.delivered("push", {"text": "x"}, guid="small")
    for delivery in (12345678, 12345679):
        for _ in range(2):
            assert github.sent("repos/octo-org/models/hooks/7", delivery).event == "push"
    known = ["if-none-match" in seen.headers for seen in server.requests]
    assert known == [False, False, False, True]


def test_only_the_newest_answers_are_kept() -> None:
    """One that is asked for again is new again."""
    kept = KeptAnswers()
    for number in (*range(KEPT_ANSWERS), 0, KEPT_ANSWERS):
        kept.keep(f"/{number}", "etag", number, size=10)
    assert [kept.known(f"/{number}")[0] for number in (0, 1, KEPT_ANSWERS)] == ["etag", "", "etag"]
    kept.keep("/0", "", 0, size=10)
    assert kept.known("/0") == ("", None)
