"""Parameters in the Systems Manager: settings that people make after a deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import ClientError

from sluiceway.gateways.aws_errors import asking, error_code

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


class Parameters(Protocol):
    """Texts by name."""

    def read(self, name: str) -> str | None:
        """The parameter's text, where there is one."""

    def write(self, name: str, text: str, *, description: str) -> None:
        """Set the parameter, whatever was there."""


class SsmParameters:
    """`Parameters` in the Systems Manager's Parameter Store."""

    def __init__(self, client: SSMClient) -> None:
        self._client = client

    def read(self, name: str) -> str | None:
        """The parameter's text, where there is one."""
        try:
            with asking("SSM", f"GetParameter {name}"):
                return self._client.get_parameter(Name=name)["Parameter"]["Value"]
        except ClientError as error:
            if error_code(error) == "ParameterNotFound":
                return None
            raise

    def write(self, name: str, text: str, *, description: str) -> None:
        """Set the parameter, whatever was there."""
        with asking("SSM", f"PutParameter {name}"):
            self._client.put_parameter(
                Name=name, Value=text, Type="String", Overwrite=True, Description=description
            )
