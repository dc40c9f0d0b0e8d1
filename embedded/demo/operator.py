"""The stage as its operators see it: every call of the demo is made under the role of the template."""

from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config

from embedded import session
from sluiceway.cli.stage import Stage, stage_of


class Clients:
    """Makes boto3 clients from variables as a shell has them."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._session: Any = boto3.Session(
            aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=variables.get("AWS_SESSION_TOKEN"),
            region_name=variables["AWS_REGION"],
        )

    def __call__(self, service: str, **config: Any) -> Any:
        """Return a client of a service, with further settings of `botocore.config.Config`."""
        return self._session.client(
            service,
            endpoint_url=self._variables["AWS_ENDPOINT_URL"],
            verify=self._variables["AWS_CA_BUNDLE"],
            config=Config(max_pool_connections=32, **config),
        )


def open_stage(clients: Clients) -> Stage:
    """Open the deployed stage with these clients."""
    return stage_of(session.STAGE, clients)


def operator_clients() -> Clients:
    """Make clients of a session of the stage's operator."""
    return Clients(session.variables())
