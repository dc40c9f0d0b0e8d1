"""The environment of a build's commands.

Source: https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from embedded.codebuild.buildspec import Buildspec
from embedded.codebuild.model import Build

Client = Callable[[str], Any]


def build_variables(build: Build, source_folder: Path) -> dict[str, str]:
    """What CodeBuild tells every build."""
    _, _, _, region, account, _ = build.arn.split(":", 5)
    return {
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_ACCOUNT_ID": account,
        "CODEBUILD_CI": "true",
        "CODEBUILD_BUILD_ARN": build.arn,
        "CODEBUILD_BUILD_ID": build.id,
        "CODEBUILD_BUILD_IMAGE": build.environment["image"],
        "CODEBUILD_BUILD_NUMBER": str(build.number),
        "CODEBUILD_BUILD_SUCCEEDING": "1",
        "CODEBUILD_INITIATOR": build.initiator,
        "CODEBUILD_KMS_KEY_ID": build.encryption_key,
        "CODEBUILD_LOG_PATH": build.log_stream,
        "CODEBUILD_PROJECT_ARN": f"arn:aws:codebuild:{region}:{account}:project/{build.project}",
        "CODEBUILD_RESOLVED_SOURCE_VERSION": build.source_version or "",
        "CODEBUILD_SOURCE_REPO_URL": build.source.get("location", ""),
        "CODEBUILD_SOURCE_VERSION": build.source_version or "",
        "CODEBUILD_SRC_DIR": str(source_folder),
        "CODEBUILD_START_TIME": str(int(build.start * 1000)),
    }


def given_variables(build: Build, buildspec: Buildspec, client: Client) -> dict[str, str]:
    """The variables of the buildspec and, above them, those of the build; secrets under its role."""
    declared = [
        {"name": key, "value": value, "type": "PLAINTEXT"} for key, value in buildspec.variables.items()
    ]
    for kind, values in (
        ("PARAMETER_STORE", buildspec.parameter_store),
        ("SECRETS_MANAGER", buildspec.secrets_manager),
    ):
        declared += [{"name": key, "value": value, "type": kind} for key, value in values.items()]
    return _values([*declared, *build.environment.get("environmentVariables", ())], client)


def _values(variables: Sequence[Mapping[str, str]], client: Client) -> dict[str, str]:
    wanted = {item["name"]: item for item in variables}
    return {
        name: _KINDS[item.get("type", "PLAINTEXT")](item["value"], client) for name, item in wanted.items()
    }


def _plain(value: str, _client: Client) -> str:
    return value


def _parameter(name: str, client: Client) -> str:
    return str(client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])


def _secret(reference: str, client: Client) -> str:
    """`secret-id:json-key:version-stage:version-id`, the latter three may be missing; ARNs hold six `:`."""
    parts = reference.split(":")
    size = 7 if reference.startswith("arn:") else 1
    secret, rest = ":".join(parts[:size]), [*parts[size:], "", "", ""]
    named = {"VersionStage": rest[1], "VersionId": rest[2]}
    given = {key: value for key, value in named.items() if value}
    text = client("secretsmanager").get_secret_value(SecretId=secret, **given)["SecretString"]
    return str(json.loads(text)[rest[0]]) if rest[0] else str(text)


_KINDS: Mapping[str, Callable[[str, Client], str]] = {
    "PLAINTEXT": _plain,
    "PARAMETER_STORE": _parameter,
    "SECRETS_MANAGER": _secret,
}
