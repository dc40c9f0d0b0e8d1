"""Archives: by one redirect to where this GitHub keeps them, without the token, never larger than asked."""

import pytest

from sluiceway.errors import ServiceUnavailable
from sluiceway.gateways.bounded_http import AnswerTooLarge
from sluiceway.gateways.github import RestGitHub
from sluiceway.gateways.github_rest import GitHubRefused
from tests.fakes.github import FakeGitHub
from tests.fakes.github_repository import FakeRepository
from tests.fakes.github_routes import Reply
from tests.fakes.github_world import REPOSITORY


def test_an_archive_is_fetched_without_the_token(
    server: FakeGitHub, repository: FakeRepository, github: RestGitHub
) -> None:
    """By way of one redirect, whose address has a token of its own."""
    sha = repository.push({"a": b"b"})
    assert github.archive(REPOSITORY, sha, at_most=10_000) == repository.archive(sha)
    first, second = server.requests
    assert "authorization" in first.headers
    assert second.path.startswith("/_codeload/")
    assert "authorization" not in second.headers


def test_an_archive_may_be_the_answer_itself(
    server: FakeGitHub, repository: FakeRepository, github: RestGitHub
) -> None:
    """A proxy before an Enterprise Server follows the redirect; the limit counts there, too."""
    sha = repository.push({"a": b"b"})
    server.faults = [("zipball", Reply(200, repository.archive(sha)))] * 2
    assert github.archive(REPOSITORY, sha, at_most=10_000) == repository.archive(sha)
    with pytest.raises(AnswerTooLarge):
        github.archive(REPOSITORY, sha, at_most=10)
    server.faults = [("zipball", Reply(200, b"<html>"))]
    with pytest.raises(ServiceUnavailable, match="redirect"):
        github.archive(REPOSITORY, sha, at_most=10_000)


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example.org/x",
        "http://127.0.0.1:1/x",
        "//evil.example.org/x",
        "/relative",
        "",
        "file:///etc/passwd",
    ],
)
def test_an_archive_is_not_fetched_from_elsewhere(
    server: FakeGitHub, repository: FakeRepository, github: RestGitHub, location: str
) -> None:
    """Whoever could redirect could make a function in the account ask for anything."""
    server.faults = [("zipball", Reply(302, b"", {"Location": location}))]
    with pytest.raises(GitHubRefused, match="not its own"):
        github.archive(REPOSITORY, repository.push({}), at_most=10_000)


def test_an_archive_that_is_too_large_is_given_up_while_it_streams(
    server: FakeGitHub, repository: FakeRepository, github: RestGitHub
) -> None:
    """Whatever its headers say of its size."""
    sha = repository.push({})
    repository.archives[sha] = b"x" * 500_000
    with pytest.raises(AnswerTooLarge, match="100000"):
        github.archive(REPOSITORY, sha, at_most=100_000)
    assert github.head(REPOSITORY, "main") == sha
