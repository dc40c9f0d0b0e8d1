"""Connects a stage to repositories: settings go into a parameter, what signs requests into a secret."""

import secrets as random
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from sluiceway.errors import NotFound, PermanentError
from sluiceway.gateways.parameters import Parameters
from sluiceway.gateways.secrets import Secrets
from sluiceway.github.names import check_repository
from sluiceway.github.settings import (
    ConnectedRepository,
    GitHubSecret,
    GitHubSettings,
    parameter_name,
    secret_name,
)

DESCRIPTION = "Sluiceway's connection to GitHub; written by `sluice github connect`"
LARGEST_PARAMETER = 4096
"""Bytes of a standard parameter, which costs nothing ("Managing parameter tiers")."""
FEWER = "disconnect a repository that is not needed, or connect some of them to another stage"
SECRET_BYTES = 32
"""GitHub asks for "a random string of text with high entropy"."""


class InvalidConnection(PermanentError):
    """What was given does not make a connection; the message says what is missing or wrong."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What `sluice github connect` was given. None and empty: as it is."""

    repository: str
    branches: tuple[str, ...] = ()
    base_url: str | None = None
    token: str | None = field(default=None, repr=False)
    app_id: int | None = None
    private_key: str | None = field(default=None, repr=False)
    hook_id: int | None = None
    allowed_forks: tuple[str, ...] = ()
    new_webhook_secret: bool = False


@dataclass(frozen=True, kw_only=True)
class Connected:
    """How the stage is connected now."""

    settings: GitHubSettings
    webhook_secret: str | None = field(repr=False)
    """To be entered in GitHub, told only when it is new."""


@dataclass(frozen=True, kw_only=True)
class Registry:
    """Where a stage's connection is kept."""

    stage: str
    parameters: Parameters
    secrets: Secrets

    def settings(self) -> GitHubSettings | None:
        """What is taken from which repository; None: the stage is not connected."""
        text = self.parameters.read(parameter_name(self.stage))
        return None if text is None else GitHubSettings.model_validate_json(text)

    def secret(self) -> GitHubSecret | None:
        """What signs; None: the stage is not connected."""
        text = self.secrets.read(secret_name(self.stage))
        try:
            return None if text is None else GitHubSecret.model_validate_json(text)
        except ValidationError:
            raise InvalidConnection(f"the secret {secret_name(self.stage)} is damaged: delete it") from None

    def keep(self, settings: GitHubSettings) -> None:
        """Write the settings."""
        name = parameter_name(self.stage)
        self.parameters.write(name, settings.model_dump_json(), description=DESCRIPTION)

    def keep_secret(self, secret: GitHubSecret) -> None:
        """Write the secret; the one before is accepted until the next change."""
        text = secret.model_dump_json(exclude_none=True)
        self.secrets.write(secret_name(self.stage), text, description=DESCRIPTION)


def connect(wanted: Wanted, on: Registry) -> Connected:
    """Add or change a repository; raises `InvalidConnection` before anything is written."""
    settings = _settings(wanted, on.settings() or GitHubSettings())
    # Without settings there is no secret: asked for one that is not there, AWS says that it is denied.
    standing = on.secret() if on.settings() is not None else None
    secret = _secret(wanted, standing)
    if secret != standing:
        on.keep_secret(secret)
    on.keep(settings)
    is_new = standing is None or secret.webhook_secret != standing.webhook_secret
    return Connected(settings=settings, webhook_secret=secret.webhook_secret if is_new else None)


def disconnect(repository: str, on: Registry) -> GitHubSettings:
    """Take nothing from a repository any more; what came of it stays. Raises `NotFound`."""
    settings = on.settings() or GitHubSettings()
    if settings.repository(repository) is None:
        raise NotFound(f"{repository} is not connected: `sluice github status` shows what is")
    rest = {
        name: each for name, each in settings.repositories.items() if name.casefold() != repository.casefold()
    }
    changed = settings.model_copy(update={"repositories": rest})
    on.keep(changed)
    return changed


def _settings(wanted: Wanted, standing: GitHubSettings) -> GitHubSettings:
    repository = check_repository(wanted.repository)
    before = standing.repository(repository)
    others = {n: r for n, r in standing.repositories.items() if n.casefold() != repository.casefold()}
    if others and wanted.base_url not in (None, standing.base_url):
        raise InvalidConnection(f"this stage is connected to {standing.base_url}: one stage, one GitHub")
    moved = wanted.base_url not in (None, standing.base_url) and bool(standing.repositories)
    if moved and wanted.token is None and wanted.private_key is None:
        raise InvalidConnection("say how requests are signed there: a token is sent to no other GitHub")
    given: dict[str, Any] = {
        "base_url": wanted.base_url or standing.base_url,
        "repositories": {**others, repository: _repository(wanted, before)},
        "allowed_forks": tuple(dict.fromkeys((*standing.allowed_forks, *wanted.allowed_forks))),
    }
    try:
        settings = GitHubSettings.model_validate(given)
    except ValidationError as error:
        raise InvalidConnection(_told(error)) from None
    if len(settings.model_dump_json().encode()) > LARGEST_PARAMETER:
        raise InvalidConnection(f"all settings together have more than {LARGEST_PARAMETER} bytes: {FEWER}")
    return settings


def _repository(wanted: Wanted, before: ConnectedRepository | None) -> dict[str, Any]:
    branches = wanted.branches or (before.branches if before else ())
    if not branches:
        raise InvalidConnection("name the branch that is followed: --branch main")
    return {"branches": branches, "hook_id": wanted.hook_id or (before.hook_id if before else None)}


def _secret(wanted: Wanted, standing: GitHubSecret | None) -> GitHubSecret:
    given: dict[str, Any] = {
        "token": wanted.token,
        "app_id": wanted.app_id,
        "private_key": wanted.private_key,
    }
    signs = {name: value for name, value in given.items() if value is not None}
    if not signs and standing is None:
        raise InvalidConnection(
            "say how requests are signed: --token-file, or --app-id and --private-key-file"
        )
    if not signs and standing is not None:
        signs = standing.model_dump(exclude={"webhook_secret"}, exclude_none=True)
    fresh = wanted.new_webhook_secret or standing is None
    webhook_secret = random.token_hex(SECRET_BYTES) if fresh or standing is None else standing.webhook_secret
    try:
        return GitHubSecret(webhook_secret=webhook_secret, **signs)
    except ValidationError as error:
        raise InvalidConnection(_told(error)) from None


def _told(error: ValidationError) -> str:
    """Where and why, never what: values may be secrets."""
    found = error.errors(include_url=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}".lstrip(": ") for each in found[:5])
