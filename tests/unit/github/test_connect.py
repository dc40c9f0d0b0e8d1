"""`sluice github connect`: settings in a parameter, secrets in a secret, nothing unless all is right."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from sluiceway.errors import NotFound, PermanentError
from sluiceway.github.connect import Registry, Wanted, connect, disconnect

PARAMETER, SECRET = "/sluiceway/dev/github", "sluiceway/dev/github"


@dataclass
class MemoryTexts:
    """`Parameters` and `Secrets` in memory; every version that was written."""

    written: list[tuple[str, str]] = field(default_factory=list)

    def read(self, name: str, stage: str = "AWSCURRENT") -> str | None:
        texts = [text for key, text in self.written if key == name]
        back = 1 if stage == "AWSCURRENT" else 2
        return texts[-back] if len(texts) >= back else None

    def write(self, name: str, text: str, *, description: str) -> None:
        self.written.append((name, text))


@pytest.fixture
def kept() -> Registry:
    return Registry(stage="dev", parameters=MemoryTexts(), secrets=MemoryTexts())


def wanted(**changes: Any) -> Wanted:
    """A first connection, changed."""
    given = {"repository": "octo-org/models", "branches": ("main",), "token": "github_pat_1"}
    return Wanted(**(given | changes))


def test_a_first_connection_makes_a_secret_that_is_told_once(kept: Registry) -> None:
    """Of 256 random bits."""
    connected = connect(wanted(), kept)
    assert connected.webhook_secret is not None
    assert len(bytes.fromhex(connected.webhook_secret)) == 32
    assert connect(wanted(branches=("main", "release")), kept).webhook_secret is None
    settings = kept.settings()
    assert settings is not None
    assert settings.repositories["octo-org/models"].branches == ("main", "release")


def test_nothing_secret_is_in_the_parameter_or_in_a_repr(kept: Registry) -> None:
    """Parameters are read by many, and reprs land in logs."""
    connected = connect(wanted(), kept)
    text = kept.parameters.read(PARAMETER)
    assert text is not None
    assert connected.webhook_secret is not None
    for shown in (text, repr(connected), repr(wanted()), repr(kept.secret())):
        assert connected.webhook_secret not in shown
        assert "github_pat_1" not in shown


def test_what_is_not_given_stays_as_it_is(kept: Registry) -> None:
    """Token, hook, forks, base URL and the other repositories."""
    connect(wanted(hook_id=7, allowed_forks=("a/b",), base_url="https://ghe.example.org/api/v3"), kept)
    before = kept.secret()
    connect(Wanted(repository="octo-org/other", branches=("main",), allowed_forks=("c/d",)), kept)
    connect(Wanted(repository="Octo-Org/Models"), kept)
    settings = kept.settings()
    assert settings is not None
    assert settings.allowed_forks == ("a/b", "c/d")
    assert settings.base_url == "https://ghe.example.org/api/v3"
    found = settings.repository("octo-org/models")
    assert found is not None
    assert (found.branches, found.hook_id, len(settings.repositories)) == (("main",), 7, 2)
    assert kept.secret() == before


def test_a_new_webhook_secret_leaves_the_one_before_in_use(kept: Registry) -> None:
    """It is the secret's previous version until somebody has entered the new one in GitHub."""
    first = connect(wanted(), kept).webhook_secret
    second = connect(Wanted(repository="octo-org/models", new_webhook_secret=True), kept).webhook_secret
    assert second not in (None, first)
    previous = kept.secrets.read(SECRET, "AWSPREVIOUS")
    assert previous is not None
    assert json.loads(previous)["webhook_secret"] == first


def test_a_token_can_give_way_to_an_app(kept: Registry) -> None:
    """The webhook's secret stays."""
    connect(wanted(), kept)
    connect(Wanted(repository="octo-org/models", app_id=1, private_key="-----BEGIN"), kept)
    secret = kept.secret()
    assert secret is not None
    assert (secret.token, secret.app_id) == (None, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"repository": "models"},
        {"repository": "octo-org/../x"},
        {"repository": "https://github.com/octo-org/models"},
        {"branches": ()},
        {"branches": ("a..b",)},
        {"branches": ("-uroot",)},
        {"branches": ("$(id)\n",)},
        {"base_url": "http://ghe.example.org/api/v3"},
        {"base_url": "ghe.example.org"},
        {"token": None},
        {"token": "github_pat_1\nsecond line"},
        {"token": "github_pat_1 "},
        {"token": "github_pat_1é"},
        {"app_id": 1, "private_key": "x"},
        {"token": None, "app_id": 1},
        {"token": None, "private_key": "x"},
        {"allowed_forks": ("x",)},
        {"hook_id": -1},
    ],
)
def test_what_makes_no_connection_is_refused_and_nothing_is_written(kept: Registry, changes: Any) -> None:
    """Names, branches, addresses and forks are checked first."""
    with pytest.raises(PermanentError) as caught:
        connect(wanted(**changes), kept)
    assert "github_pat_1" not in str(caught.value)
    assert kept.settings() is None
    assert kept.secrets.read(SECRET) is None


def test_settings_that_no_parameter_holds_are_refused(kept: Registry) -> None:
    """A standard parameter takes 4 KB; more would cost money while nothing happens."""
    for number in range(30):
        connect(wanted(repository=f"octo-org/{'models' * 10}-{number}"), kept)
    branches = tuple(f"{'release' * 20}-{number}" for number in range(10))
    with pytest.raises(PermanentError, match="another stage"):
        connect(wanted(branches=branches), kept)
    text = kept.parameters.read(PARAMETER)
    assert text is not None
    assert len(text) <= 4096


def test_one_stage_is_connected_to_one_github(kept: Registry) -> None:
    """The token of one must not be sent to another."""
    connect(wanted(), kept)
    with pytest.raises(PermanentError, match="one stage, one GitHub"):
        connect(wanted(repository="a/b", base_url="https://ghe.example.org/api/v3"), kept)


def test_a_token_is_not_sent_to_another_github(kept: Registry) -> None:
    """Whoever changes the address says how requests are signed there."""
    connect(wanted(), kept)
    moved = wanted(base_url="https://ghe.example.org/api/v3", token=None)
    with pytest.raises(PermanentError, match="signed there"):
        connect(moved, kept)
    assert connect(wanted(base_url="https://ghe.example.org/api/v3"), kept).settings.base_url != ""


def test_a_repository_is_disconnected_by_its_name(kept: Registry) -> None:
    """The others stay."""
    connect(wanted(), kept)
    connect(Wanted(repository="a/b", branches=("main",)), kept)
    assert list(disconnect("Octo-Org/models", kept).repositories) == ["a/b"]
    with pytest.raises(NotFound):
        disconnect("octo-org/models", kept)
