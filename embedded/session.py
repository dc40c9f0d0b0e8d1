"""What a person's shell needs to work with the deployed stacks: the operator's role, not root."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3

from embedded import lifecycle
from embedded.cloud import ROOT_CREDENTIALS
from embedded.state import LifecycleError

STAGE = "local"
_SESSION_SECONDS = 3600


def variables(state_dir: Path | None = None, *, stage: str = STAGE) -> dict[str, str]:
    """Endpoint, region, certificates, tracking server, stage, and keys of a session of the stage's operator.

    Where that stage is not deployed the keys are root's.
    """
    if not lifecycle.status(state_dir).is_up:
        raise LifecycleError("the embedded cloud is not running: run `sluice local up`")
    client = lifecycle.client_variables(state_dir)
    role = _operator_role(client, stage)
    keys = _assume(client, role) if role else ROOT_CREDENTIALS
    return client | keys | {"SLUICEWAY_STAGE": stage}


def _operator_role(variables: Mapping[str, str], stage: str) -> str | None:
    ssm = _client("ssm", variables)
    try:
        found = ssm.get_parameter(Name=f"/sluiceway/{stage}/settings")
    except ssm.exceptions.ParameterNotFound:
        return None
    role: str | None = json.loads(found["Parameter"]["Value"]).get("operator_role_arn")
    return role


def _assume(variables: Mapping[str, str], role_arn: str) -> dict[str, str]:
    answer = _client("sts", variables).assume_role(
        RoleArn=role_arn, RoleSessionName="operator", DurationSeconds=_SESSION_SECONDS
    )
    keys = answer["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }


def _client(service: str, variables: Mapping[str, str]) -> Any:
    session: Any = boto3.Session(
        aws_access_key_id=ROOT_CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=ROOT_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=variables["AWS_REGION"],
    )
    return session.client(
        service, endpoint_url=variables["AWS_ENDPOINT_URL"], verify=variables["AWS_CA_BUNDLE"]
    )
