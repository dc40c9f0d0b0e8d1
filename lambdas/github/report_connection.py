"""GitHub, as the stage is connected to it: read for each report, so that a new token counts at once."""

from functools import lru_cache

from pydantic import ValidationError

from lambdas.runtime import client
from sluiceway.errors import PermanentError
from sluiceway.gateways.github_app import App
from sluiceway.gateways.github_rest import Credentials, GitHubRest, Token
from sluiceway.gateways.parameters import SsmParameters
from sluiceway.gateways.secrets import AwsSecrets
from sluiceway.github.settings import GitHubSecret, GitHubSettings, NotConnected


def github_rest(parameter: str, secret: str) -> GitHubRest:
    """Requests under the stage's credentials; raises `NotConnected`."""
    settings = SsmParameters(client("ssm")).read(parameter)
    held = AwsSecrets(client("secretsmanager")).read(secret)
    if settings is None or held is None:
        raise NotConnected("this stage is not connected to GitHub: run `sluice github connect`")
    return _rest(settings, held)


@lru_cache(maxsize=2)
def _rest(settings: str, held: str) -> GitHubRest:
    """Kept while nothing changes: an App's tokens are good for an hour."""
    base_url = GitHubSettings.model_validate_json(settings).base_url
    return GitHubRest(base_url, _credentials(held))


def _credentials(held: str) -> Credentials:
    try:
        secret = GitHubSecret.model_validate_json(held)
    except ValidationError:
        # Neither the error nor its cause is told: pydantic shows what it was given.
        raise PermanentError("the secret of this stage's GitHub is damaged: connect it again") from None
    if secret.app_id is not None and secret.private_key is not None:
        return App(secret.app_id, secret.private_key)
    return Token(secret.token or "")
