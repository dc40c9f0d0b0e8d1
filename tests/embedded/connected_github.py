"""The stage connected to a GitHub on this machine, as `sluice github connect` leaves it: by a GitHub App."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import urllib3
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.embedded.deployed.test_privileges import sluice
from tests.embedded.stage import Stage
from tests.fakes.github import FakeGitHub, fake_github

REPOSITORY = "octo-org/models"
APP_ID = 4242


@dataclass(frozen=True)
class ConnectedGitHub:
    """A GitHub that tells the stage of what happens in `octo-org/models`."""

    stage: Stage
    server: FakeGitHub
    secret: str

    def deliver(
        self,
        event: str,
        payload: Mapping[str, Any],
        *,
        guid: str | None = None,
        secret: str | None = None,
    ) -> int:
        """Call the webhook as GitHub does; the status that it answers."""
        body = json.dumps(payload).encode()
        signature = hmac.new((secret or self.secret).encode(), body, hashlib.sha256).hexdigest()
        url = urlsplit(self.stage.settings["webhook_url"])
        headers = {
            # Not every machine resolves names below localhost.
            "Host": url.netloc,
            "Content-Type": "application/json",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": guid or str(uuid4()),
            "X-Hub-Signature-256": f"sha256={signature}",
        }
        asked = f"{self.stage.cloud.endpoint_url}/github"
        return self._pool.request("POST", asked, body=body, headers=headers, retries=False).status

    @cached_property
    def _pool(self) -> urllib3.PoolManager:
        return urllib3.PoolManager(ca_certs=self.stage.cloud.ca_bundle, timeout=60, maxsize=8)


@contextmanager
def connected(stage: Stage, folder: Path) -> Iterator[ConnectedGitHub]:
    """Connected by the command; the webhook's secret has been replaced once."""
    key = folder / "private-key.pem"
    key.write_text(_private_key())
    with fake_github() as server:
        server.repository(REPOSITORY)
        words = ("github", "connect", REPOSITORY, "--json")
        app = ("--app-id", str(APP_ID), "--private-key-file", str(key))
        sluice(stage, *words, "--branch", "main", "--base-url", server.url, "--hook-id", "7", *app)
        told = json.loads(sluice(stage, *words, "--new-secret"))
        yield ConnectedGitHub(stage, server, told["webhook_secret"])


def _private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
