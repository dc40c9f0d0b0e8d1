"""Requests to GitHub: careful with tokens, limits, redirects, sizes, times, and strange answers."""

from collections.abc import Iterator
from typing import Any

import pytest

from sluiceway.errors import NotFound, PermanentError, ServiceUnavailable, TransientError
from sluiceway.gateways import bounded_http
from sluiceway.gateways.bounded_http import AnswerTooLarge
from sluiceway.gateways.github import RestGitHub
from sluiceway.gateways.github_app import App
from sluiceway.gateways.github_rest import GitHubRefused, GitHubRest, RateLimited, Token
from sluiceway.github.site import GITHUB_COM, check_base_url, serves_archives
from tests.fakes.github import (
    INSTALLATION_TOKEN,
    LOST,
    PRIMARY_LIMIT,
    SECONDARY_LIMIT,
    TOKEN,
    UNAVAILABLE,
    FakeGitHub,
    fake_github,
)
from tests.fakes.github_repository import FakeRepository
from tests.fakes.github_routes import Reply

NAME = "octo-org/models"
NOW = 1_800_000_000.0


@pytest.fixture
def server() -> Iterator[FakeGitHub]:
    with fake_github() as state:
        yield state


@pytest.fixture
def repository(server: FakeGitHub) -> FakeRepository:
    return server.repository(NAME)


@pytest.fixture
def rest(server: FakeGitHub) -> GitHubRest:
    return GitHubRest(server.url, Token(TOKEN), now=lambda: NOW)


@pytest.fixture
def github(rest: GitHubRest) -> RestGitHub:
    return RestGitHub(rest)


def test_a_head_is_asked_for_with_token_and_version(
    server: FakeGitHub, repository: FakeRepository, github: RestGitHub
) -> None:
    """As GitHub's documentation wants it of every request."""
    sha = repository.push({"a": b"b"}, branch="feature/über")
    assert github.head(NAME, "feature/über") == sha
    (seen,) = server.requests
    assert seen.path == f"/repos/{NAME}/git/ref/heads/feature/%C3%BCber"
    assert seen.headers["authorization"] == f"Bearer {TOKEN}"
    assert seen.headers["x-github-api-version"] == "2022-11-28"
    assert seen.headers["user-agent"] == "sluiceway"


def test_an_unchanged_answer_comes_from_memory(
    server: FakeGitHub, repository: FakeRepository, github: RestGitHub
) -> None:
    """GitHub answers 304 to the ETag, which costs nothing of the rate limit."""
    sha = repository.push({"a": b"b"})
    assert [github.head(NAME, "main") for _ in range(3)] == [sha] * 3
    assert "if-none-match" in server.requests[-1].headers
    newer = repository.push({"a": b"c"})
    assert github.head(NAME, "main") == newer


def test_a_branch_that_is_gone_is_told_from_a_repository_that_is(
    repository: FakeRepository, github: RestGitHub
) -> None:
    """GitHub answers 404 to both, and to tokens that may not see the repository."""
    repository.push({})
    assert github.head(NAME, "gone") is None
    with pytest.raises(NotFound, match="the token may not see it"):
        github.head("octo-org/gone", "main")


def test_a_tag_leads_to_its_commit(repository: FakeRepository, github: RestGitHub) -> None:
    """A plain one, and an annotated one, which is an object of its own."""
    repository.tags = {"plain": "aa" * 20, "annotated": "bb" * 20}
    repository.annotated = {"bb" * 20: "cc" * 20}
    assert github.tag_commit(NAME, "plain") == "aa" * 20
    assert github.tag_commit(NAME, "annotated") == "cc" * 20
    assert github.tag_commit(NAME, "none") is None


def test_an_archive_is_fetched_without_the_token(
    server: FakeGitHub, repository: FakeRepository, github: RestGitHub
) -> None:
    """By way of one redirect, whose address has a token of its own."""
    sha = repository.push({"a": b"b"})
    assert github.archive(NAME, sha, at_most=10_000) == repository.archive(sha)
    first, second = server.requests
    assert "authorization" in first.headers
    assert second.path.startswith("/_codeload/")
    assert "authorization" not in second.headers


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
        github.archive(NAME, repository.push({}), at_most=10_000)


def test_an_archive_that_is_too_large_is_given_up_while_it_streams(
    server: FakeGitHub, repository: FakeRepository, github: RestGitHub
) -> None:
    """Whatever its headers say of its size."""
    sha = repository.push({})
    repository.archives[sha] = b"x" * 500_000
    with pytest.raises(AnswerTooLarge, match="100000"):
        github.archive(NAME, sha, at_most=100_000)
    assert github.head(NAME, "main") == sha


def test_an_answer_that_drips_is_given_up(
    server: FakeGitHub, repository: FakeRepository, rest: GitHubRest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function's time is limited, and paid."""
    clock = iter(range(0, 10_000, 40))
    monkeypatch.setattr(bounded_http.time, "monotonic", lambda: float(next(clock)))
    with pytest.raises(ServiceUnavailable, match="more than 25 s"):
        rest.get(f"/repos/{NAME}")


@pytest.mark.parametrize(
    ("limit", "wait"),
    [
        (SECONDARY_LIMIT, 37),
        (PRIMARY_LIMIT, 600),
        (Reply(429, {"message": "slow down"}), 60),
        (Reply(403, {"message": "You have exceeded a secondary rate limit"}), 60),
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
        github.head(NAME, "main")
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
    assert github.head(NAME, "main") == sha
    server.faults = [("git/ref", fault)] * 3
    with pytest.raises(ServiceUnavailable):
        github.head(NAME, "main")


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
        github.pull_request(NAME, 1)


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
            github.archive(NAME, sha, at_most=1000) if text != "x" else GitHubRest(
                "http://127.0.0.1:1", Token(secret)
            ).get("/x")
        errors.append(f"{caught.value!r} {caught.value.__cause__!r}")
    assert not [text for text in errors if secret in text or "AABBCC" in text or "token=" in text]


@pytest.mark.parametrize(
    "name", ["../x", "a/..", "a/b/c", "a", "", "a b/c", "a/b?x", "a/b#x", "a/b%2f", "a/b\n"]
)
def test_a_repository_that_is_no_name_is_never_asked_for(github: RestGitHub, name: str) -> None:
    """A path of GitHub's API is made of checked names only."""
    with pytest.raises(PermanentError):
        github.head(name, "main")


@pytest.mark.parametrize(
    "branch", ["", "-uroot", "a..b", "/a", "a/", "a//b", "a b", "a\x00b", "a\nb", "a~1", "a^", "a:b", "a\\b",
               "a.lock", ".a", "a/.b", "@", "a@{b", "a*", "a?", "a[", "a.", "a\u202eb", "x" * 2000]
)  # fmt: skip
def test_a_branch_that_git_would_not_take_is_never_asked_for(github: RestGitHub, branch: str) -> None:
    """By the rules of `git check-ref-format`, and nothing that cannot be seen."""
    with pytest.raises(PermanentError):
        github.head(NAME, branch)


def test_people_who_may_push_are_told_from_others(repository: FakeRepository, github: RestGitHub) -> None:
    """GitHub tells `maintain` as `write` and `triage` as `read`; strangers are 404."""
    repository.permissions = {"a": "admin", "w": "write", "r": "read", "n": "none"}
    assert [github.may_write(NAME, who) for who in ("a", "w", "r", "n", "stranger")] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_more_files_than_github_lists_are_all_of_them(repository: FakeRepository, github: RestGitHub) -> None:
    """Better to check too many projects than to overlook one."""
    repository.propose({}, changed=[f"f{number}" for number in range(150)])
    assert github.changed_paths(NAME, 2) == frozenset(f"f{number}" for number in range(150))
    repository.changed[2] = [f"f{number}" for number in range(2000)]
    assert github.changed_paths(NAME, 2) is None


@pytest.mark.parametrize(
    "url",
    ["http://api.github.com", "ftp://x", "https://", "https://a@b", "https://x?y", "https://x#y", "https://x/../y",
     "https://x y", "https://x\n", "http://127.0.0.1.evil.org", "http://[::2]", "", "api.github.com"],
)  # fmt: skip
def test_a_base_url_that_would_leak_the_token_is_refused(url: str) -> None:
    """Plain http is for this machine only."""
    with pytest.raises(ValueError, match=r"URL|https"):
        check_base_url(url)


@pytest.mark.parametrize(
    "url",
    [
        GITHUB_COM,
        "https://ghe.example.org/api/v3",
        "https://api.octo.ghe.com",
        "http://127.0.0.1:8080",
        "http://[::1]:1",
    ],
)
def test_every_kind_of_github_has_its_base_url(url: str) -> None:
    """github.com, Enterprise Server, data residency, and this machine."""
    assert check_base_url(f"{url}/") == url


@pytest.mark.parametrize(
    ("base", "location", "own"),
    [
        (GITHUB_COM, "https://codeload.github.com/a/b/legacy.zip/x?token=1", True),
        (GITHUB_COM, "https://codeload.github.com.evil.org/x", False),
        (GITHUB_COM, "https://codeload.github.com:444/x", False),
        (GITHUB_COM, "http://codeload.github.com/x", False),
        (GITHUB_COM, "https://x@codeload.github.com/x", False),
        (GITHUB_COM, "https://raw.githubusercontent.com/x", False),
        ("https://ghe.example.org/api/v3", "https://codeload.ghe.example.org/x", True),
        ("https://ghe.example.org/api/v3", "https://ghe.example.org/_codeload/x", True),
        ("https://ghe.example.org/api/v3", "https://codeload.github.com/x", False),
        ("https://api.octo.ghe.com", "https://codeload.octo.ghe.com/x", True),
    ],
)
def test_archives_come_from_where_this_github_keeps_them(base: str, location: str, own: bool) -> None:
    """With or without subdomain isolation."""
    assert serves_archives(base, location) is own


def private_key() -> str:
    """A new RSA key as PEM."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def test_an_app_asks_with_the_token_of_its_installation(
    server: FakeGitHub, repository: FakeRepository
) -> None:
    """Which it gets for a signed JWT, for that repository alone, and keeps until it ends."""
    repository.push({})
    github = RestGitHub(GitHubRest(server.url, App(12345, private_key(), now=lambda: NOW)))
    github.head(NAME, "main")
    github.pull_request(NAME, repository.pulls.setdefault(2, _pull())["number"])
    assert server.paths("POST") == ["/app/installations/77/access_tokens"]
    assert server.requests[-1].headers["authorization"] == f"Bearer {INSTALLATION_TOKEN}"


def test_an_app_reads_the_deliveries_of_its_one_hook(server: FakeGitHub, repository: FakeRepository) -> None:
    """Of all repositories, under its JWT: no installation is asked."""
    repository.delivered("push", {"ref": "refs/heads/main"}, guid="missed")
    github = RestGitHub(GitHubRest(server.url, App(12345, private_key(), now=lambda: NOW)))
    (listed,) = github.deliveries("app/hook")
    assert (listed.guid, listed.succeeded) == ("missed", False)
    assert github.sent("app/hook", listed.id).payload == {"ref": "refs/heads/main"}
    assert server.paths("POST") == []


def _pull() -> dict[str, Any]:
    head = {"sha": "aa" * 20, "ref": "x", "repo": None}
    return {"number": 2, "state": "open", "updated_at": "2026-11-21T12:00:00Z", "head": head, "base": head}


def test_an_apps_jwt_is_signed_and_short_lived() -> None:
    """RS256, issued a minute ago, ten minutes at most."""
    import base64
    import json

    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding

    pem = private_key()
    token = (
        App(12345, pem, now=lambda: NOW).authorization("/app/hook/deliveries", None).removeprefix("Bearer ")
    )  # type: ignore[arg-type]
    header, claims, signature = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
    assert json.loads(header) == {"alg": "RS256", "typ": "JWT"}
    assert json.loads(claims) == {"iat": NOW - 60, "exp": NOW + 480, "iss": "12345"}
    public = serialization.load_pem_private_key(pem.encode(), None).public_key()
    signed = token.rpartition(".")[0].encode()
    public.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())  # type: ignore[union-attr, call-arg, arg-type]


@pytest.mark.parametrize(
    "pem", ["", "not a key", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----"]
)
def test_a_key_that_is_none_is_told_without_showing_it(pem: str) -> None:
    """It is a secret even when it is damaged."""
    with pytest.raises(PermanentError) as caught:
        App(1, pem).authorization("/app", None)  # type: ignore[arg-type]
    assert "AAAA" not in str(caught.value)
