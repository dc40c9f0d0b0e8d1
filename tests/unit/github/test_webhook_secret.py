"""The secret that GitHub signs with, as it is read: damaged ones are told, never shown."""

from dataclasses import dataclass

import pytest

from sluiceway.gateways.secrets import VersionStage
from sluiceway.github.settings import DamagedSecret, GitHubSecret
from sluiceway.github.webhook_secret import read_webhook_secrets

GOOD = GitHubSecret(webhook_secret="a secret of tests", token="github_pat_1").model_dump_json()
DAMAGED = [
    "hunter2-hunter2",
    "{",
    '{"webhook_secret": "hunter2"}',
    '{"webhook_secret": "hunter2-hunter2-hunter2"}',
]


@dataclass
class Versions:
    """`Secrets` with these versions of one secret."""

    current: str | None
    previous: str | None = None

    def read(self, name: str, stage: VersionStage = "AWSCURRENT") -> str | None:
        return self.current if stage == "AWSCURRENT" else self.previous

    def write(self, name: str, text: str, *, description: str) -> None:
        raise NotImplementedError


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_secret_is_told_without_showing_it(text: str) -> None:
    """Errors go into logs."""
    with pytest.raises(DamagedSecret) as caught:
        read_webhook_secrets(Versions(text), "github")
    assert "hunter2" not in f"{caught.value!r} {caught.value.__cause__!r}"
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("text", DAMAGED)
def test_what_stood_there_before_may_be_damaged(text: str) -> None:
    """Somebody may have made the secret by hand, before the stage was connected."""
    assert read_webhook_secrets(Versions(GOOD, text), "github") == [b"a secret of tests"]


def test_without_a_secret_nothing_is_accepted() -> None:
    """The stage is not connected."""
    assert read_webhook_secrets(Versions(None), "github") == []
    assert read_webhook_secrets(Versions(GOOD, GOOD), "github") == [b"a secret of tests"]
