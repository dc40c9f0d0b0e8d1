"""Schedules in one group of EventBridge Scheduler, whose target is the stage's bus.

A schedule's name follows from what it is for, and its description says the same: so it is told from those of
others in the group, which are never touched.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from sluiceway.errors import LostRace
from sluiceway.gateways.aws_errors import asking, error_code

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

_NAME_CUT, _DIGITS = 12, 10
_DESCRIPTION = re.compile(r"Sluiceway: (\w+) ([a-z0-9-]+) of the project ([a-z0-9-]+)", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class StoredSchedule:
    """What EventBridge Scheduler holds of a schedule; what every one of the group shares is left out."""

    project: str
    kind: str
    name: str
    """Within the project and the kind."""
    expression: str
    timezone: str
    start: datetime | None
    end: datetime | None
    window_minutes: int
    """0: at the moment itself."""
    enabled: bool
    source: str
    detail_type: str
    detail: str
    """JSON, with Scheduler's placeholders."""

    @property
    def key(self) -> str:
        """Its name in the group."""
        return schedule_key(self.project, self.kind, self.name)


def schedule_key(project: str, kind: str, name: str) -> str:
    """At most 64 characters: project, the beginning of the name, digits of all. Dots are in no name."""
    digest = hashlib.sha256(f"{project}/{kind}/{name}".encode()).hexdigest()[:_DIGITS]
    return f"{project}.{name[:_NAME_CUT]}.{digest}"


class Schedules(Protocol):
    """The schedules of a group. Raises `LostRace` where another writer is at work on the same schedule."""

    def keys(self, project: str) -> list[str]:
        """Names in the group of all that may be a project's; listings may lag behind."""

    def get(self, key: str) -> StoredSchedule | None:
        """A schedule of ours; None where there is none, or it is somebody else's."""

    def put(self, schedule: StoredSchedule, *, there: bool, token: str) -> None:
        """Make it, or change it where it is there. The same token is the same request, sent again."""

    def remove(self, key: str, *, token: str) -> None:
        """Remove it; that it is gone already is as good."""


class SchedulerSchedules:
    """`Schedules` in EventBridge Scheduler."""

    def __init__(
        self,
        client: EventBridgeSchedulerClient,
        *,
        group: str,
        bus_arn: str,
        role_arn: str,
        dead_letters_arn: str,
    ) -> None:
        self._client = client
        self._group = group
        self._target = {
            "Arn": bus_arn,
            "RoleArn": role_arn,
            "DeadLetterConfig": {"Arn": dead_letters_arn},
            "RetryPolicy": {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185},
        }

    def keys(self, project: str) -> list[str]:
        """Names in the group of all that may be a project's."""
        pages = self._client.get_paginator("list_schedules")
        with asking("EventBridge Scheduler", f"ListSchedules {self._group}"):
            found = list(pages.paginate(GroupName=self._group, NamePrefix=f"{project}."))
        return [schedule["Name"] for page in found for schedule in page["Schedules"]]

    def get(self, key: str) -> StoredSchedule | None:
        """A schedule of ours; None where there is none, or it is somebody else's."""
        try:
            with asking("EventBridge Scheduler", f"GetSchedule {key}"):
                return _stored(self._client.get_schedule(GroupName=self._group, Name=key))
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return None
            raise

    def put(self, schedule: StoredSchedule, *, there: bool, token: str) -> None:
        """Make it, or change it where it is there."""
        request = {"GroupName": self._group, "ClientToken": token, **self._body(schedule)}
        call: Any = self._client.update_schedule if there else self._client.create_schedule
        self._write(f"{'UpdateSchedule' if there else 'CreateSchedule'} {schedule.key}", call, request)

    def remove(self, key: str, *, token: str) -> None:
        """Remove it; that it is gone already is as good."""
        request = {"GroupName": self._group, "Name": key, "ClientToken": token}
        if self.get(key) is not None:
            self._write(f"DeleteSchedule {key}", self._client.delete_schedule, request)

    def _write(self, what: str, call: Any, request: dict[str, Any]) -> None:
        """What is there meanwhile, or is gone, was another writer's doing: who lost looks again."""
        try:
            with asking("EventBridge Scheduler", what):
                call(**request)
        except ClientError as error:
            if error_code(error) in ("ConflictException", "ResourceNotFoundException"):
                raise LostRace(
                    f"EventBridge Scheduler: {what}: another writer was faster: {error}"
                ) from error
            raise

    def _body(self, schedule: StoredSchedule) -> dict[str, Any]:
        minutes = schedule.window_minutes
        window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": minutes} if minutes else {"Mode": "OFF"}
        bus = {"Source": schedule.source, "DetailType": schedule.detail_type}
        dates = {"StartDate": schedule.start, "EndDate": schedule.end}
        return {
            "Name": schedule.key,
            "Description": _description(schedule),
            "ScheduleExpression": schedule.expression,
            "ScheduleExpressionTimezone": schedule.timezone,
            "FlexibleTimeWindow": window,
            "State": "ENABLED" if schedule.enabled else "DISABLED",
            "ActionAfterCompletion": "DELETE",
            "Target": {**self._target, "EventBridgeParameters": bus, "Input": schedule.detail},
            **{name: date for name, date in dates.items() if date is not None},
        }


def _description(schedule: StoredSchedule) -> str:
    return f"Sluiceway: {schedule.kind} {schedule.name} of the project {schedule.project}"


def _stored(answer: Any) -> StoredSchedule | None:
    """None where it is not one that this module has made."""
    match = _DESCRIPTION.fullmatch(answer.get("Description") or "")
    bus = answer["Target"].get("EventBridgeParameters")
    if not match or not bus or schedule_key(match[3], match[1], match[2]) != answer["Name"]:
        return None
    return StoredSchedule(
        project=match[3],
        kind=match[1],
        name=match[2],
        expression=answer["ScheduleExpression"],
        timezone=answer.get("ScheduleExpressionTimezone") or "UTC",
        start=_utc(answer.get("StartDate")),
        end=_utc(answer.get("EndDate")),
        window_minutes=answer["FlexibleTimeWindow"].get("MaximumWindowInMinutes", 0),
        enabled=answer["State"] == "ENABLED",
        source=bus["Source"],
        detail_type=bus["DetailType"],
        detail=answer["Target"].get("Input", ""),
    )


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment is not None else None
