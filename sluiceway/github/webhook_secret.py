"""The secret that GitHub signs webhooks with, and whether it has signed one.

Source: "Validating webhook deliveries": HMAC-SHA-256 over the raw body in `X-Hub-Signature-256`. The older
`X-Hub-Signature` (SHA-1) is not accepted.
"""

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from sluiceway.errors import TransientError
from sluiceway.gateways.secrets import Secrets, VersionStage
from sluiceway.github.settings import DamagedSecret, read_secret

KEPT_SECONDS = 900.0
LEAST_SECONDS = 60.0
"""Between two looks, whatever is sent: forged requests must not cost a call each."""
SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})", re.ASCII)
VERSIONS: tuple[VersionStage, ...] = ("AWSCURRENT", "AWSPREVIOUS")
"""While a secret is being replaced, GitHub still signs with the one before."""


def read_webhook_secrets(secrets: Secrets, name: str) -> list[bytes]:
    """The webhook secrets that are accepted; none where the stage is not connected."""
    current, previous = (secrets.read(name, version) for version in VERSIONS)
    found = [read_secret(current)] if current else []
    with suppress(DamagedSecret):  # what stood there before, somebody may have written by hand
        found += [read_secret(previous)] if previous else []
    return list(dict.fromkeys(each.webhook_secret.encode() for each in found))


class WebhookSecrets:
    """Keeps the accepted secrets for a while, and looks again when a signature fits none of them."""

    def __init__(
        self, read: Callable[[], Sequence[bytes]], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read = read
        self._clock = clock
        self._known: Sequence[bytes] = ()
        self._read_at: float | None = None

    def have_signed(self, body: bytes, signature: str) -> bool:
        """Whether `signature` is that of the body by one of the secrets; compared in constant time."""
        found = SIGNATURE.fullmatch(signature)
        if found is None:
            return False
        if self._older_than(KEPT_SECONDS):
            self._look()
        if _signed(body, found[1], self._known):
            return True
        if not self._older_than(LEAST_SECONDS):
            return False
        self._look()
        return _signed(body, found[1], self._known)

    def _older_than(self, seconds: float) -> bool:
        return self._read_at is None or self._clock() - self._read_at > seconds

    def _look(self) -> None:
        """What is known stays in use while Secrets Manager does not answer."""
        first = self._read_at is None
        self._read_at, before = self._clock(), self._read_at
        try:
            self._known = self._read()
        except TransientError:
            if first:
                self._read_at = before
                raise


def _signed(body: bytes, signature: str, secrets: Sequence[bytes]) -> bool:
    """Every secret is tried, so that the time taken does not tell which one fits."""
    fits = [hmac.compare_digest(_digest(body, secret), signature) for secret in secrets]
    return any(fits)


def _digest(body: bytes, secret: bytes) -> str:
    return hmac.new(secret, body, hashlib.sha256).hexdigest()
