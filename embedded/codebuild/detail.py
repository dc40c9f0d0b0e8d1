"""A build as BatchGetBuilds shows it."""

from typing import Any

from embedded.codebuild.events import deep_link
from embedded.codebuild.model import Build, Phase


def build_detail(build: Build) -> dict[str, Any]:
    """The API's Build."""
    detail = {
        "id": build.id,
        "arn": build.arn,
        "buildNumber": build.number,
        "startTime": build.start,
        "endTime": build.end,
        "currentPhase": build.current_phase,
        "buildStatus": build.status,
        "sourceVersion": build.source_version,
        "projectName": build.project,
        "phases": [_phase(phase) for phase in build.phases],
        "source": build.source,
        "artifacts": {"location": "", **build.uploaded},
        "cache": {"type": "NO_CACHE"},
        "environment": build.environment,
        "serviceRole": build.service_role,
        "logs": _logs(build),
        "timeoutInMinutes": build.timeout_minutes,
        "queuedTimeoutInMinutes": build.queued_timeout_minutes,
        "buildComplete": build.is_complete,
        "initiator": build.initiator,
        "encryptionKey": build.encryption_key,
        "exportedEnvironmentVariables": [{"name": name, "value": value} for name, value in build.exported],
    }
    return {key: value for key, value in detail.items() if value is not None}


def _phase(phase: Phase) -> dict[str, Any]:
    found: dict[str, Any] = {"phaseType": phase.name, "startTime": phase.start}
    if phase.end is not None:
        found |= {
            "phaseStatus": phase.status,
            "endTime": phase.end,
            "durationInSeconds": round(phase.end - phase.start),
            "contexts": [{"statusCode": phase.status_code, "message": phase.message}],
        }
    return found


def _logs(build: Build) -> dict[str, Any]:
    return _cloudwatch_logs(build) | _s3_logs(build)


def _cloudwatch_logs(build: Build) -> dict[str, Any]:
    if build.log_group is None:
        return {"cloudWatchLogs": {"status": "DISABLED"}}
    _, _, _, region, account, _ = build.arn.split(":", 5)
    arn = f"arn:aws:logs:{region}:{account}:log-group:{build.log_group}:log-stream:{build.log_stream}"
    return {
        "groupName": build.log_group,
        "streamName": build.log_stream,
        "deepLink": deep_link(build),
        "cloudWatchLogsArn": arn,
        "cloudWatchLogs": {"status": "ENABLED", "groupName": build.log_group},
    }


def _s3_logs(build: Build) -> dict[str, Any]:
    if build.s3_logs is None:
        return {"s3Logs": {"status": "DISABLED", "encryptionDisabled": False}}
    location = build.s3_logs.removeprefix("arn:aws:s3:::").strip("/")
    arn = f"arn:aws:s3:::{location}/{build.id.rpartition(':')[2]}.gz"
    return {"s3LogsArn": arn, "s3Logs": {"status": "ENABLED", "location": build.s3_logs}}
