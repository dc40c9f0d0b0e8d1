"""A build as its events tell of it: members are spelt with hyphens, and times as words.

Source: https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html
"""

import re
import time
from collections.abc import Iterator
from typing import Any

from embedded.codebuild.model import Build, Phase

STATE_CHANGE = "CodeBuild Build State Change"
PHASE_CHANGE = "CodeBuild Build Phase Change"

Event = tuple[str, dict[str, Any]]


def events_of(before: Build | None, after: Build) -> Iterator[Event]:
    """What a change of a build tells: each phase that is over, then another status."""
    known = () if before is None else before.phases
    for index, phase in enumerate(after.phases):
        was_over = index < len(known) and _is_over(known[index])
        if _is_over(phase) and not was_over:
            yield PHASE_CHANGE, phase_detail(after, phase)
    if before is None or before.status != after.status:
        yield STATE_CHANGE, state_detail(after)


def state_detail(build: Build) -> dict[str, Any]:
    """The detail of a state change."""
    last = build.phases[-1] if build.phases else None
    return {
        "build-status": build.status,
        "project-name": build.project,
        "build-id": build.arn,
        "additional-information": _information(build),
        "current-phase": build.current_phase,
        "current-phase-context": _context(last),
        "version": "1",
    }


def phase_detail(build: Build, phase: Phase) -> dict[str, Any]:
    """The detail of a phase change; COMPLETED ends as it begins, with the build's status."""
    end = phase.end if phase.end is not None else phase.start
    return {
        "completed-phase": phase.name,
        "project-name": build.project,
        "build-id": build.arn,
        "completed-phase-context": _context(phase),
        "additional-information": _information(build),
        "completed-phase-status": phase.status or build.status,
        "completed-phase-duration-seconds": round(end - phase.start),
        "version": "1",
        "completed-phase-start": _words(phase.start),
        "completed-phase-end": _words(end),
    }


def _is_over(phase: Phase) -> bool:
    return phase.end is not None or phase.name == "COMPLETED"


def _information(build: Build) -> dict[str, Any]:
    logs = {"group-name": build.log_group, "stream-name": build.log_stream, "deep-link": deep_link(build)}
    found = {
        "artifact": {"location": "", **build.uploaded},
        "cache": {"type": "NO_CACHE"},
        "build-number": build.number,
        "timeout-in-minutes": build.timeout_minutes,
        "queued-timeout-in-minutes": build.queued_timeout_minutes,
        "build-complete": build.is_complete,
        "initiator": build.initiator,
        "build-start-time": _words(build.start),
        "source": _hyphens({key: build.source[key] for key in ("type", "location") if key in build.source}),
        "source-version": build.source_version,
        "environment": _hyphens(build.environment),
        "logs": logs if build.log_group else None,
        "phases": [_phase(phase) for phase in build.phases],
    }
    return {key: value for key, value in found.items() if value is not None}


def _phase(phase: Phase) -> dict[str, Any]:
    found: dict[str, Any] = {"phase-context": [], "start-time": _words(phase.start), "phase-type": phase.name}
    if phase.end is None:
        return found
    return found | {
        "phase-context": [f"{phase.status_code}: {phase.message}"],
        "end-time": _words(phase.end),
        "duration-in-seconds": round(phase.end - phase.start),
        "phase-status": phase.status,
    }


def _context(phase: Phase | None) -> str:
    return "[]" if phase is None or phase.end is None else f"[{phase.status_code}: {phase.message}]"


def deep_link(build: Build) -> str:
    """Where the console shows the log."""
    region = build.arn.split(":")[3]
    return (
        f"https://console.aws.amazon.com/cloudwatch/home?region={region}#logsV2:log-groups/log-group/"
        f"{str(build.log_group).replace('/', '$252F')}/log-events/{build.log_stream.replace('/', '$252F')}"
    )


def _words(moment: float) -> str:
    """`Sep 1, 2017 4:12:29 PM`, in UTC."""
    at = time.gmtime(moment)
    return f"{time.strftime('%b', at)} {at.tm_mday}, {at.tm_year} {(at.tm_hour % 12) or 12}" + time.strftime(
        ":%M:%S %p", at
    )


def _hyphens(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            re.sub(r"(?<=[a-z])(?=[A-Z])", "-", key).lower(): _hyphens(item) for key, item in value.items()
        }
    return [_hyphens(item) for item in value] if isinstance(value, list) else value
