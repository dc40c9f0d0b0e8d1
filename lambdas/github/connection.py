"""To which GitHub the stage is connected, and as whom: looked up each time, so that changes count at once."""

from dataclasses import dataclass
from functools import lru_cache

from lambdas.runtime import FunctionEnvironment, client
from sluiceway.gateways.github_app import App
from sluiceway.gateways.github_rest import Credentials, GitHubRest, Token
from sluiceway.gateways.parameters import SsmParameters
from sluiceway.gateways.secrets import AwsSecrets
from sluiceway.github.settings import GitHubSettings, NotConnected, read_secret


class ConnectedEnvironment(FunctionEnvironment):
    """Environment variables of functions that read from GitHub."""

    ledger_table: str
    github_parameter: str
    github_secret: str


@dataclass(frozen=True)
class Connection:
    """What `sluice github connect` wrote, and the client that it makes."""

    settings: GitHubSettings
    rest: GitHubRest
    is_app: bool


def connected(given: ConnectedEnvironment) -> Connection:
    """The stage's connection; raises `NotConnected`."""
    found = connected_settings(given)
    held = AwsSecrets(client("secretsmanager")).read(given.github_secret)
    if found is None or held is None:
        raise NotConnected("this stage is not connected to GitHub: run `sluice github connect`")
    return _connection(found, held)


def connected_settings(given: ConnectedEnvironment) -> str | None:
    """The settings as text; None: nobody has connected the stage."""
    return SsmParameters(client("ssm")).read(given.github_parameter)


@lru_cache(maxsize=2)
def _connection(settings: str, held: str) -> Connection:
    """Kept while nothing changes: an App's tokens are good for an hour, and answers have ETags."""
    read = GitHubSettings.model_validate_json(settings)
    credentials = _credentials(held)
    return Connection(read, GitHubRest(read.base_url, credentials), credentials.writes_checks)


def _credentials(held: str) -> Credentials:
    secret = read_secret(held)
    if secret.app_id is not None and secret.private_key is not None:
        return App(secret.app_id, secret.private_key)
    return Token(secret.token or "")
