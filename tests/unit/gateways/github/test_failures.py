"""Limits, outages, refusals and strange answers; no error tells a token."""

import pytest

from sluiceway.errors import NotFound, PermanentError, ServiceUnavailable, TransientError
from sluiceway.gateways import bounded_http
from sluiceway.gateways.github import RestGitHub
from sluiceway.gateways.github_rest import GitHubRefused, GitHubRest, RateLimited, Token
from tests.fakes.github import (
    LOST,
    NOW,
    PRIMARY_LIMIT,
    SECONDARY_LIMIT,
    UNAVAILABLE,
    FakeGitHub,
)
from tests.fakes.github_repository import FakeRepository
from tests.fakes.github_routes import Reply
from tests.fakes.github_world import REPOSITORY


def test_an_answer_that_drips_is_given_up(
    server: FakeGitHub, repository: FakeRepository, rest: GitHubRest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function's time is limited, and paid."""
    clock = iter(range(0, 10_000, 40))
    monkeypatch.setattr(bounded_http.time, "monotonic", lambda: float(next(clock)))
    with pytest.raises(ServiceUnavailable, match="more than 25 s"):
        rest.get(f"/repos/{REPOSITORY}")


@pytest.mark.parametrize(
    ("limit", "wait"),
    [
        (SECONDARY_LIMIT, 37),
        (PRIMARY_LIMIT, 600),
        (Reply(429, {"message": "slow down"}), 60),
        (Reply(403, {"message": "You have exceeded a secondary rate limit"}), 60),
        (Reply(403, {"message": "You have triggered an abuse detection mechanism."}), 60),
        (Reply(403, {}, {"retry-after": "9999999"}), 3600),
        (Reply(403, {}, {"retry-after": "-5"}), 60),
        (Reply(403, {}, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "5"}), 1),
    ],
)
def test_a_rate_limit_says_when_to_try_again(
    server: FakeGitHub, repository: FakeRepository, github: RestGitHub, limit: Reply, wait: int
) -> None:
    """As documented; never in the past, never for longer than a window."""
    server.faults = [("git/ref", limit)]
    with pytest.raises(RateLimited) as caught:
        github.head(REPOSITORY, "main")
    assert caught.value.until == NOW + wait
    assert isinstance(caught.value, TransientError)
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", [UNAVAILABLE, LOST])
def test_a_passing_failure_is_tried_again_at_once(
    server: FakeGitHub, repository: FakeRepository, github: RestGitHub, fault: Reply
) -> None:
    """Twice; then the queue waits longer."""
    sha = repository.push({})
    server.faults = [("git/ref", fault), ("git/ref", fault)]
    assert github.head(REPOSITORY, "main") == sha
    server.faults = [("git/ref", fault)] * 3
    with pytest.raises(ServiceUnavailable):
        github.head(REPOSITORY, "main")


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(401, {"message": "Bad credentials"}), GitHubRefused),
        (Reply(403, {"message": "Resource not accessible by personal access token"}), GitHubRefused),
        (Reply(404, {"message": "Not Found"}), NotFound),
        (Reply(422, {"message": "Validation Failed", "errors": [{"field": "x"}]}), GitHubRefused),
        (Reply(500, b"<html>"), ServiceUnavailable),
        (Reply(200, b"<html>"), ServiceUnavailable),
        (Reply(200, {"number": "two"}), ServiceUnavailable),
        (Reply(200, [1]), ServiceUnavailable),
        (Reply(301, b"", {"Location": "https://evil.example.org"}), PermanentError),
    ],
)
def test_each_refusal_is_what_it_is(
    server: FakeGitHub, repository: FakeRepository, github: RestGitHub, reply: Reply, error: type[Exception]
) -> None:
    """What will not change is not tried again; nothing is followed to elsewhere."""
    server.faults = [("pulls/1", reply)] * 3
    with pytest.raises(error):
        github.pull_request(REPOSITORY, 1)


def test_no_token_is_in_any_error(server: FakeGitHub, repository: FakeRepository) -> None:
    """Errors go into logs, ledger and events."""
    secret = "github_pat_secret"
    github = RestGitHub(GitHubRest(server.url, Token(secret)))
    sha = repository.push({})
    errors = []
    for text, reply in (
        ("zipball", Reply(500, {})),
        ("_codeload", Reply(500, {})),
        ("_codeload", LOST),
        ("x", LOST),
    ):
        server.tokens = frozenset({secret})
        server.faults = [(text, reply)] * 3
        with pytest.raises(ServiceUnavailable) as caught:
            github.archive(REPOSITORY, sha, at_most=1000) if text != "x" else GitHubRest(
                "http://127.0.0.1:1", Token(secret)
            ).get("/x")
        errors.append(f"{caught.value!r} {caught.value.__cause__!r}")
    assert not [text for text in errors if secret in text or "AABBCC" in text or "token=" in text]
