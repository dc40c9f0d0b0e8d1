"""What `sluice github connect` writes: settings in a parameter, what nobody may see in a secret.

Neither is part of the stacks: a secret costs 0.40 USD a month, whether it is used or not.
"""

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError, model_validator

from sluiceway.contract import Contract
from sluiceway.errors import PermanentError
from sluiceway.github.names import Repository, check_branch
from sluiceway.github.site import GITHUB_COM, BaseUrl
from sluiceway.names import InvalidName


def parameter_name(stage: str) -> str:
    """Of the settings."""
    return f"/sluiceway/{stage}/github"


def secret_name(stage: str) -> str:
    """Of the secret."""
    return f"sluiceway/{stage}/github"


def _branch(value: str) -> str:
    try:
        return check_branch(value)
    except InvalidName as error:
        raise ValueError(str(error)) from None


Branch = Annotated[str, AfterValidator(_branch)]


class ConnectedRepository(Contract):
    """What is taken from one repository."""

    branches: tuple[Branch, ...] = Field(min_length=1, max_length=20)
    """Pushes to these become code; so do merges of pull requests, which are proposed for them."""
    hook_id: int | None = Field(default=None, ge=1)
    """Of the repository's webhook: its list of deliveries is looked at for what was missed."""


class GitHubSettings(Contract):
    """Of one stage."""

    base_url: BaseUrl = GITHUB_COM
    repositories: dict[Repository, ConnectedRepository] = Field(default_factory=dict, max_length=100)
    allowed_forks: tuple[Repository, ...] = Field(default=(), max_length=100)
    """Forks whose pull requests are built and run like those of the repository itself."""

    def repository(self, name: str) -> ConnectedRepository | None:
        """The connected repository; GitHub compares names without regard to case."""
        wanted = name.casefold()
        return next((found for key, found in self.repositories.items() if key.casefold() == wanted), None)

    def allows_fork(self, name: str) -> bool:
        """Whether the owner has named this fork."""
        return name.casefold() in {fork.casefold() for fork in self.allowed_forks}


class GitHubSecret(Contract):
    """What signs requests, there and back. Never logged."""

    webhook_secret: str = Field(min_length=16, max_length=1024, repr=False)
    token: str | None = Field(default=None, max_length=1024, pattern=r"^[!-~]+$", repr=False)
    """One word of ASCII: it travels in a header."""
    app_id: int | None = Field(default=None, ge=1)
    private_key: str | None = Field(default=None, max_length=16384, repr=False)

    @model_validator(mode="after")
    def _one_kind(self) -> "GitHubSecret":
        if (self.token is None) == (self.app_id is None) or (self.app_id is None) != (
            self.private_key is None
        ):
            raise ValueError("give either a token, or an App's id and private key")
        return self


class DamagedSecret(PermanentError):
    """The stage's secret does not hold what `sluice github connect` writes."""


def read_secret(text: str) -> GitHubSecret:
    """The secret; raises `DamagedSecret`, which unlike pydantic's error shows nothing of it."""
    try:
        return GitHubSecret.model_validate_json(text)
    except ValidationError:
        raise DamagedSecret("the secret of this stage's GitHub is damaged: connect it again") from None


class NotConnected(PermanentError):
    """Nobody has run `sluice github connect` for this stage."""
