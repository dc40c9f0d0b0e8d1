"""The stage connected to a GitHub on this machine, as `sluice github connect` leaves it: by a GitHub App."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import uuid4

import pytest
import urllib3
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sluiceway.github.settings import (
    ConnectedRepository,
    GitHubSecret,
    GitHubSettings,
    parameter_name,
    secret_name,
)
from tests.embedded.stage import Stage
from tests.fakes.github import FakeGitHub, fake_github

REPOSITORY = "octo-org/models"
WEBHOOK_SECRET = "It's a Secret to Everybody"
APP_ID = 4242


@dataclass(frozen=True)
class ConnectedGitHub:
    """A GitHub that tells the stage of what happens in `octo-org/models`."""

    stage: Stage
    server: FakeGitHub

    def deliver(self, event: str, payload: Mapping[str, Any], *, guid: str | None = None) -> int:
        """Call the webhook as GitHub does; the status that it answers."""
        body = json.dumps(payload).encode()
        signature = hmac.new(WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": guid or str(uuid4()),
            "X-Hub-Signature-256": f"sha256={signature}",
        }
        url = f"{self.stage.settings['webhook_url'].rstrip('/')}/github"
        return self._pool.request("POST", url, body=body, headers=headers, retries=False).status

    @cached_property
    def _pool(self) -> urllib3.PoolManager:
        return urllib3.PoolManager(ca_certs=self.stage.cloud.ca_bundle, timeout=30)


@pytest.fixture(scope="session")
def connected_github(stage: Stage) -> Iterator[ConnectedGitHub]:
    """Connected for the rest of the session."""
    with fake_github() as server:
        server.repository(REPOSITORY)
        repositories = {REPOSITORY: ConnectedRepository(branches=("main",), hook_id=7)}
        settings = GitHubSettings(base_url=server.url, repositories=repositories)
        secret = GitHubSecret(webhook_secret=WEBHOOK_SECRET, app_id=APP_ID, private_key=_private_key())
        cloud, name = stage.cloud, stage.settings["stage"]
        cloud.client("ssm").put_parameter(
            Name=parameter_name(name), Value=settings.model_dump_json(), Type="String", Overwrite=True
        )
        cloud.client("secretsmanager").create_secret(
            Name=secret_name(name), SecretString=secret.model_dump_json()
        )
        yield ConnectedGitHub(stage, server)


def _private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
