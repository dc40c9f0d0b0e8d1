"""The roles of the stacks in a running cloud."""

from pathlib import Path
from typing import Any

import boto3

from embedded import lifecycle
from embedded.cloud import ROOT_CREDENTIALS
from embedded.environment import REGION
from embedded.privileges.roles import Role, deployed_roles

_NOT_OURS = "CDKToolkit"


def roles_of_running_cloud(state_dir: Path) -> list[Role]:
    """The roles of every stack but the CDK's own; none where no cloud runs in the folder."""
    status = lifecycle.status(state_dir)
    if not status.endpoint_url:
        return []
    variables = lifecycle.client_variables(state_dir)
    return roles_of(lambda service: _client(service, status.endpoint_url, variables["AWS_CA_BUNDLE"]))


def roles_of(client: Any) -> list[Role]:
    """The same, by a function that makes a client of a service."""
    cloudformation = client("cloudformation")
    stacks = [each["StackName"] for each in cloudformation.describe_stacks()["Stacks"]]
    return deployed_roles(client("iam"), cloudformation, [each for each in stacks if each != _NOT_OURS])


def _client(service: str, endpoint_url: str | None, ca_bundle: str) -> Any:
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=endpoint_url,
        region_name=REGION,
        verify=ca_bundle,
        aws_access_key_id=ROOT_CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=ROOT_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )
