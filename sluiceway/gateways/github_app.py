"""A GitHub App as credentials: a signed JWT for the App itself, an installation's token for a repository.

Sources: "Generating a JSON Web Token for a GitHub App" (RS256, at most ten minutes, a minute ago against
other clocks) and "Create an installation access token for an app" (valid for an hour).
"""

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from sluiceway.errors import PermanentError, ServiceUnavailable
from sluiceway.gateways.github_rest import Ask

JWT_SECONDS = 540
CLOCK_SECONDS = 60
"""How far a clock may be ahead of GitHub's."""
SPARE_SECONDS = 300
"""A token that ends sooner is not used any more."""


@dataclass(frozen=True)
class InstallationToken:
    """Of one repository, and until when (epoch seconds)."""

    token: str
    until: float


class App:
    """A GitHub App with its private key (PEM). Tokens are kept until they end."""

    writes_checks = True

    def __init__(self, app_id: int, private_key: str, *, now: Callable[[], float] = time.time) -> None:
        self._app_id = app_id
        self._private_key = private_key
        self._now = now
        self._tokens: dict[str, InstallationToken] = {}

    def authorization(self, path: str, ask: Ask) -> str:
        """An installation's token for what lies below `/repos/`, the App's own JWT for the rest."""
        _, top, *rest = path.partition("?")[0].split("/")
        if top != "repos" or len(rest) < 2:
            return f"Bearer {self._jwt()}"
        return f"Bearer {self._token('/'.join(rest[:2]), ask)}"

    def renew(self, path: str) -> bool:
        """Forget the installation's token: it ends early when the App is installed anew, or clocks differ."""
        repository = "/".join(path.partition("?")[0].split("/")[2:4])
        return self._tokens.pop(repository, None) is not None

    def _token(self, repository: str, ask: Ask) -> str:
        kept = self._tokens.get(repository)
        if kept is None or kept.until - SPARE_SECONDS < self._now():
            kept = self._tokens[repository] = self._new_token(repository, ask)
        return kept.token

    def _new_token(self, repository: str, ask: Ask) -> InstallationToken:
        """A token for this repository alone. Asking twice makes two, and neither hurts."""
        authorization = f"Bearer {self._jwt()}"
        found = ask("GET", f"/repos/{repository}/installation", authorization=authorization)
        made = ask(
            "POST",
            f"/app/installations/{_id(found)}/access_tokens",
            authorization=authorization,
            body={"repositories": [repository.partition("/")[2]]},
        )
        return _parsed(made)

    def _jwt(self) -> str:
        issued = int(self._now()) - CLOCK_SECONDS
        claims = {"iat": issued, "exp": issued + JWT_SECONDS, "iss": str(self._app_id)}
        signed = f"{_encoded({'alg': 'RS256', 'typ': 'JWT'})}.{_encoded(claims)}"
        return f"{signed}.{_base64url(_signature(self._private_key, signed.encode()))}"


def _signature(private_key: str, message: bytes) -> bytes:
    """RSASSA-PKCS1-v1_5 with SHA-256. Imported here: not every function has the layer that holds it."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    try:
        key = serialization.load_pem_private_key(private_key.encode(), password=None)
    except (ValueError, TypeError):
        raise PermanentError("the private key of the GitHub App is not an unencrypted PEM") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise PermanentError("the private key of the GitHub App is not an RSA key")
    return key.sign(message, padding.PKCS1v15(), hashes.SHA256())


def _id(found: Any) -> int:
    try:
        return int(found["id"])
    except (KeyError, TypeError, ValueError):
        raise ServiceUnavailable("GitHub answered with something else than an App's installation") from None


def _parsed(made: Any) -> InstallationToken:
    try:
        return InstallationToken(str(made["token"]), datetime.fromisoformat(made["expires_at"]).timestamp())
    except (KeyError, TypeError, ValueError):
        raise ServiceUnavailable("GitHub answered with something else than an installation's token") from None


def _encoded(part: dict[str, Any]) -> str:
    return _base64url(orjson.dumps(part))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
