"""A build as BatchGetBuilds shows it, and as its events tell of it."""

from typing import Any

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
        "artifacts": build.artifacts,
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


def event_detail(build: Build) -> dict[str, Any]:
    """The detail of a "CodeBuild Build State Change".

    Source: https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications.html
    """
    last = build.phases[-1] if build.phases else None
    return {
        "build-status": build.status,
        "project-name": build.project,
        "build-id": build.arn,
        "current-phase": build.current_phase,
        "current-phase-context": f"[{last.status_code}: {last.message}]" if last else "[]",
        "version": "1",
        "additional-information": {
            "build-number": build.number,
            "build-complete": build.is_complete,
            "initiator": build.initiator,
            "timeout-in-minutes": build.timeout_minutes,
            "source": build.source,
            "environment": build.environment,
            "artifact": build.artifacts,
            "logs": {"group-name": build.log_group, "stream-name": build.log_stream},
            "phases": [_event_phase(phase) for phase in build.phases],
        },
    }


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


def _event_phase(phase: Phase) -> dict[str, Any]:
    found = _phase(phase)
    names = {
        "phaseType": "phase-type",
        "phaseStatus": "phase-status",
        "durationInSeconds": "duration-in-seconds",
    }
    context = f"{phase.status_code}: {phase.message}"
    return {new: found[old] for old, new in names.items() if old in found} | {"phase-context": [context]}


def _logs(build: Build) -> dict[str, Any]:
    if build.log_group is None:
        return {"cloudWatchLogs": {"status": "DISABLED"}}
    _, _, _, region, account, _ = build.arn.split(":", 5)
    arn = f"arn:aws:logs:{region}:{account}:log-group:{build.log_group}:log-stream:{build.log_stream}"
    return {
        "groupName": build.log_group,
        "streamName": build.log_stream,
        "cloudWatchLogsArn": arn,
        "cloudWatchLogs": {"status": "ENABLED", "groupName": build.log_group},
    }
