"""Secrets in Secrets Manager: read in their current and previous version, and written whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from botocore.exceptions import ClientError

from sluiceway.gateways.aws_errors import asking, error_code

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

VersionStage = Literal["AWSCURRENT", "AWSPREVIOUS"]
SERVICE = "Secrets Manager"


class Secrets(Protocol):
    """Texts that only some may read."""

    def read(self, name: str, stage: VersionStage = "AWSCURRENT") -> str | None:
        """The secret's text, where there is one in that version."""

    def write(self, name: str, text: str, *, description: str) -> None:
        """Make the text the secret's current version; what was current becomes its previous one."""


class AwsSecrets:
    """`Secrets` in Secrets Manager."""

    def __init__(self, client: SecretsManagerClient) -> None:
        self._client = client

    def read(self, name: str, stage: VersionStage = "AWSCURRENT") -> str | None:
        """The secret's text, where there is one in that version."""
        try:
            with asking(SERVICE, f"GetSecretValue {name}"):
                return self._client.get_secret_value(SecretId=name, VersionStage=stage)["SecretString"]
        except ClientError as error:
            if error_code(error) in _MISSING:
                return None
            raise

    def write(self, name: str, text: str, *, description: str) -> None:
        """Create the secret, or give it another version where there is one."""
        try:
            with asking(SERVICE, f"CreateSecret {name}"):
                self._client.create_secret(Name=name, SecretString=text, Description=description)
        except ClientError as error:
            if error_code(error) != "ResourceExistsException":
                raise
            with asking(SERVICE, f"PutSecretValue {name}"):
                self._client.put_secret_value(SecretId=name, SecretString=text)


_MISSING = frozenset({"ResourceNotFoundException", "AccessDeniedException"})
"""Whoever may read one secret alone is denied while it is not there: its ARN ends in random letters."""
