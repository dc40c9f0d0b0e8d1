"""A GitHub App: its signed word, and the tokens of its installations."""

from typing import Any

import pytest

from sluiceway.errors import PermanentError, ServiceUnavailable
from sluiceway.gateways.github import RestGitHub
from sluiceway.gateways.github_app import App
from sluiceway.gateways.github_rest import GitHubRefused, GitHubRest
from tests.fakes.github import INSTALLATION_TOKEN, NOW, FakeGitHub
from tests.fakes.github_repository import FakeRepository
from tests.fakes.github_routes import Reply
from tests.fakes.github_world import REPOSITORY


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
    github.head(REPOSITORY, "main")
    github.pull_request(REPOSITORY, repository.pulls.setdefault(2, _pull())["number"])
    assert server.paths("POST") == ["/app/installations/77/access_tokens"]
    assert server.requests[-1].headers["authorization"] == f"Bearer {INSTALLATION_TOKEN}"


def test_a_token_that_ended_early_is_replaced(server: FakeGitHub, repository: FakeRepository) -> None:
    """GitHub revokes it when the App is installed anew, and its clock may be ahead. Tried once more."""
    sha = repository.push({})
    github = RestGitHub(GitHubRest(server.url, App(12345, private_key(), now=lambda: NOW)))
    assert github.head(REPOSITORY, "main") == sha
    bad = Reply(401, {"message": "Bad credentials"})
    server.faults = [("git/ref", bad)]
    assert github.head(REPOSITORY, "main") == sha
    assert len(server.paths("POST")) == 2
    server.faults = [("git/ref", bad), ("git/ref", bad)]
    with pytest.raises(GitHubRefused, match="Bad credentials"):
        github.head(REPOSITORY, "main")


@pytest.mark.parametrize("answer", [{}, {"id": None}, [], {"id": "x"}])
def test_an_installation_that_is_none_is_told(
    server: FakeGitHub, repository: FakeRepository, answer: Any
) -> None:
    """By an error of ours, which is tried again."""
    server.faults = [("/installation", Reply(200, answer))]
    github = RestGitHub(GitHubRest(server.url, App(12345, private_key(), now=lambda: NOW)))
    with pytest.raises(ServiceUnavailable, match="installation"):
        github.head(REPOSITORY, "main")


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
