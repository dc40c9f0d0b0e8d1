"""The secrets of a container, read under its execution role when it starts.

Source: https://docs.aws.amazon.com/batch/latest/userguide/specifying-sensitive-data.html
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from embedded.authority import AccessDenied

Client = Callable[[str], Any]

# The parts of a secret's ARN, before `:json-key:version-stage:version-id`.
_ARN_PARTS = 7


class SecretError(Exception):
    """A secret that could not be had; worded as ECS words it."""


def secret_values(secrets: Sequence[Mapping[str, str]], client: Client) -> dict[str, str]:
    """The values by the variables' names; raises `SecretError`."""
    return {item["name"]: _value(item["valueFrom"], client) for item in secrets}


def _value(reference: str, client: Client) -> str:
    is_secret = reference.startswith("arn:") and reference.split(":")[2] == "secretsmanager"
    kind, read = ("asm", _secret) if is_secret else ("ssm", _parameter)
    try:
        return read(reference, client)
    except (ClientError, AccessDenied, KeyError, ValueError) as error:
        raise SecretError(
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
            f"retrieval failed: unable to retrieve secret from {kind}: {error}"
        ) from error


def _secret(reference: str, client: Client) -> str:
    parts = reference.split(":")
    key, stage, version = [*parts[_ARN_PARTS:], "", "", ""][:3]
    named = {"VersionStage": stage, "VersionId": version}
    given = {name: value for name, value in named.items() if value}
    secret_id = ":".join(parts[:_ARN_PARTS])
    text = str(client("secretsmanager").get_secret_value(SecretId=secret_id, **given)["SecretString"])
    return str(json.loads(text)[key]) if key else text


def _parameter(reference: str, client: Client) -> str:
    """By name, or by ARN, in which the name follows `:parameter`."""
    name = reference
    if reference.startswith("arn:"):
        path = reference.partition(":parameter")[2]
        name = path if path.count("/") > 1 else path.removeprefix("/")
    return str(client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])
