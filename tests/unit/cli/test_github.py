"""`sluice github`: what people see of it."""

import json
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from sluiceway.cli import github, stage
from sluiceway.cli.main import app
from tests.fakes.ledger import memory_ledger
from tests.fakes.stage import SETTINGS

URL = "https://abcdefghijklmnopqrstuvwxyz123456.lambda-url.us-east-1.on.aws/"
CONNECT = ("github", "connect", "octo-org/models", "--branch", "main", "--token-file", "-")


@dataclass
class FakeSsm:
    """Parameters by name."""

    held: dict[str, str] = field(default_factory=dict)

    def get_parameter(self, *, Name: str) -> dict[str, Any]:  # noqa: N803
        if Name not in self.held:
            raise ClientError({"Error": {"Code": "ParameterNotFound"}}, "GetParameter")
        return {"Parameter": {"Value": self.held[Name]}}

    def put_parameter(self, *, Name: str, Value: str, **_: Any) -> None:  # noqa: N803
        self.held[Name] = Value


@dataclass
class FakeSecretsManager:
    """Secrets by name; as AWS, it denies what is not there to whoever may read one secret alone."""

    held: dict[str, str] = field(default_factory=dict)

    def get_secret_value(self, *, SecretId: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        if SecretId not in self.held:
            raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetSecretValue")
        return {"SecretString": self.held[SecretId]}

    def create_secret(self, *, Name: str, SecretString: str, **_: Any) -> None:  # noqa: N803
        if Name in self.held:
            raise ClientError({"Error": {"Code": "ResourceExistsException"}}, "CreateSecret")
        self.held[Name] = SecretString

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> None:  # noqa: N803
        self.held[SecretId] = SecretString


@pytest.fixture(autouse=True)
def clients(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A stage that receives webhooks."""
    made = {"ssm": FakeSsm(), "secretsmanager": FakeSecretsManager()}
    settings = SETTINGS.model_copy(update={"webhook_url": URL})
    opened = stage.Stage(settings, memory_ledger(), made.__getitem__)
    monkeypatch.setattr(github, "open_stage", lambda _: opened)
    return made


def run(*words: str, given: str = "github_pat_1\n", expect: int = 0) -> str:
    """What the command prints."""
    done = CliRunner().invoke(app, words, input=given)
    assert done.exit_code == expect, done.output
    return done.output


def test_connecting_tells_what_to_enter_in_github_and_the_secret_once() -> None:
    """URL, content type, secret and events, in the words of GitHub's page."""
    first = run(*CONNECT)
    assert f"{URL}github" in first
    assert "application/json" in first
    assert "not shown again" in first
    assert "as before" in run("github", "connect", "octo-org/models")


def test_status_shows_repositories_and_nothing_secret(clients: dict[str, Any]) -> None:
    """For people, and as JSON for programs."""
    run(*CONNECT, "--allow-fork", "friend/models", "--hook-id", "7")
    (secret,) = clients["secretsmanager"].held.values()
    for shown in (run("github", "status"), run("github", "status", "--json")):
        assert "octo-org/models" in shown
        assert "friend/models" in shown
        assert "github_pat_1" not in shown
        assert json.loads(secret)["webhook_secret"] not in shown


def test_a_stage_that_is_not_connected_says_how_to(tmp_path: Path) -> None:
    """So does a file that is not there, or empty."""
    assert "sluice github connect" in run("github", "status", expect=1)
    assert "no such file" in run(*CONNECT[:-1], str(tmp_path / "token"), expect=1)
    assert "nothing in it" in run(*CONNECT, given="\n", expect=1)


def test_a_token_may_come_through_a_pipe(tmp_path: Path) -> None:
    """As in `--token-file <(pass show github)`; what is no text, or no file, is told."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("github_pat_1\n",))
    writer.start()
    run(*CONNECT[:-1], str(pipe))
    writer.join()
    (tmp_path / "key").write_bytes(b"\xff\xfe")
    assert "no text" in run(*CONNECT[:-1], str(tmp_path / "key"), expect=1)
    assert "is a directory" in run(*CONNECT[:-1], str(tmp_path), expect=1)


def test_disconnecting_takes_nothing_from_it_any_more() -> None:
    """And says what is left to do."""
    run(*CONNECT)
    assert "delete its webhook" in run("github", "disconnect", "octo-org/models")
    assert "not connected" in run("github", "disconnect", "octo-org/models", expect=1)
