"""The secret that GitHub signs with: read seldom, replaced while in use, never shown when damaged."""

from dataclasses import dataclass

import pytest

from sluiceway.gateways.secrets import VersionStage
from sluiceway.github.settings import DamagedSecret, GitHubSecret
from sluiceway.github.webhook_secret import read_webhook_secrets
from tests.fakes.github_world import payload
from tests.unit.github.requests import SECRET, Door, as_body, request, signature

PUSH = as_body(payload("push"))
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


def test_during_a_rotation_both_secrets_are_right() -> None:
    """GitHub signs with the old one until somebody has entered the new one."""
    door = Door(b"the new secret", SECRET)
    assert door.knock(request(PUSH)).status == 202
    assert door.knock(request(PUSH, x_hub_signature_256=signature(PUSH, b"the new secret"))).status == 202


def test_a_new_secret_counts_within_a_minute() -> None:
    """A signature that fits none makes the receiver look again, at most once a minute."""
    door = Door(b"the old secret")
    assert door.knock(request(PUSH)).status == 401
    door.accepted = [SECRET]
    assert door.knock(request(PUSH)).status == 401
    door.time += 61
    assert door.knock(request(PUSH)).status == 202


def test_forged_requests_do_not_make_it_look_for_secrets_each_time() -> None:
    """Each look costs money, and Secrets Manager has limits of its own."""
    door = Door()
    for _ in range(1000):
        door.time += 0.1
        door.knock(request(PUSH, x_hub_signature_256=signature(b"forged")))
        door.knock(request(PUSH, x_hub_signature_256="sha256=nonsense"))
    assert door.looks <= 3


def test_a_stage_that_is_not_connected_takes_nothing() -> None:
    """Without a secret no signature can be right, also not that of an empty one."""
    door = Door()
    door.accepted = []
    assert door.knock(request(PUSH, x_hub_signature_256=signature(PUSH, b""))).status == 401
