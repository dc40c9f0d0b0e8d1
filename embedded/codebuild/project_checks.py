"""What a project may be, so that its builds can run.

Source: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html
"""

from collections.abc import Mapping
from typing import Any

from embedded.api_error import ApiError
from embedded.codebuild.artifacts import check_artifacts
from embedded.codebuild.source import check_source

# What builds that run as processes do not have; refused by name so that nothing is silently left out.
_UNSUPPORTED = (
    "secondarySources",
    "secondarySourceVersions",
    "secondaryArtifacts",
    "fileSystemLocations",
    "buildBatchConfig",
    "vpcConfig",
    "badgeEnabled",
    "autoRetryLimit",
)
_ENVIRONMENT = ("certificate", "registryCredential", "fleet", "dockerServer", "hostKernel")
_MINUTES = {"timeoutInMinutes": (5, 2160), "queuedTimeoutInMinutes": (5, 480)}


def invalid(message: str) -> ApiError:
    """CodeBuild's error for parameters."""
    return ApiError("InvalidInputException", message)


def check_project(project: Mapping[str, Any]) -> None:
    """Raise InvalidInputException for a project whose builds could not run."""
    check_source(project["source"])
    check_artifacts(project["artifacts"])
    check_environment(project["environment"])
    check_logs(project.get("logsConfig") or {})
    check_minutes(project)
    if (project.get("cache") or {}).get("type") == "S3":
        raise invalid("cache type S3 is not supported here; use NO_CACHE, or LOCAL, which promises nothing")
    for name in _UNSUPPORTED:
        if project.get(name):
            raise invalid(f"{name} is not supported here")


def check_environment(environment: Mapping[str, Any]) -> None:
    """Only Linux, and none of what a process cannot have."""
    if not environment["type"].startswith(("LINUX", "ARM")):
        raise invalid(f"environment type {environment['type']} is not supported here")
    for name in _ENVIRONMENT:
        if environment.get(name):
            raise invalid(f"environment.{name} is not supported here")


def check_logs(configuration: Mapping[str, Any]) -> None:
    """Logs in S3 need a place."""
    s3 = configuration.get("s3Logs") or {}
    if s3.get("status") == "ENABLED" and "/" not in s3.get("location", "").strip("/"):
        raise invalid("logsConfig.s3Logs: location must be bucket/prefix")


def check_minutes(given: Mapping[str, Any], suffix: str = "") -> None:
    """Builds run for five minutes at least and 36 hours at most, and queue for eight hours at most."""
    for name, (least, most) in _MINUTES.items():
        value = given.get(f"{name}{suffix}")
        if value is not None and not least <= value <= most:
            raise invalid(f"{name}{suffix} must be between {least} and {most}")
