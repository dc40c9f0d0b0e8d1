"""When something happens: exactly one of `cron`, `rate`, `at`, `interval` and `rrule`, in a time zone.

Nothing here asks what time it is: a file that was right when it was pushed stays right (`schedule_checks`).
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from sluiceway.contract import Contract
from sluiceway.projects.duration import Duration
from sluiceway.projects.schedule_cron import LONGEST, read_cron
from sluiceway.projects.schedule_moments import Moments, Once, Rate, When
from sluiceway.projects.schedule_rrule import read_rrule
from sluiceway.projects.schedule_words import local_text, read_local, read_rate
from sluiceway.projects.schedule_zones import check_zone, is_skipped, to_utc

DEFAULT_ZONE = "UTC"
_KINDS = ("cron", "rate", "at", "interval", "rrule")
_LONGEST_RULE = 2000
_LONGEST_INTERVAL = 366 * 86400
_LONG_AGO = datetime(1970, 1, 2, tzinfo=UTC)

LocalTime = Annotated[str, BeforeValidator(local_text, json_schema_input_type=str), Field(max_length=30)]
"""For example 2026-12-24T18:00: what the clocks of `timezone` show."""


class Timing(Contract):
    """When something happens. Exactly one of `cron`, `rate`, `at`, `interval` and `rrule` is given."""

    timezone: str | None = Field(
        default=None, max_length=64, description="of the IANA database, e.g. Europe/Berlin; default: UTC"
    )
    jitter: Duration = Field(
        default=0, description="start at some moment of this window, 1m to 24h, not all at once"
    )
    cron: str | None = Field(
        default=None,
        max_length=LONGEST,
        description="five fields as in Unix (0 or 7: Sunday), or AWS's six (1: Sunday)",
    )
    rate: str | None = Field(default=None, max_length=40, description="e.g. 5 minutes, 1 hour, 2 days")
    at: LocalTime | None = Field(default=None, description="once, at this local time: 2026-12-24T18:00")
    interval: Duration | None = Field(
        default=None, ge=60, le=_LONGEST_INTERVAL, description="whole minutes, e.g. 90m, 6h, 1d"
    )
    rrule: str | None = Field(
        default=None,
        max_length=_LONGEST_RULE,
        description="RFC 5545, as far as cron can express it, e.g. FREQ=WEEKLY;BYDAY=MO;BYHOUR=6",
    )
    start: LocalTime | None = Field(default=None, description="nothing fires before; sets the beat of a rate")
    end: LocalTime | None = Field(default=None, description="nothing fires after")

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        return value if value is None else check_zone(value)

    @field_validator("jitter")
    @classmethod
    def _window(cls, value: int) -> int:
        if value and (value % 60 or not 60 <= value <= 86400):
            raise ValueError("a window is of whole minutes, from 1m to 24h")
        return value

    @field_validator("cron", "rate", "at", "interval", "rrule", "start", "end")
    @classmethod
    def _readable(cls, value: Any, info: ValidationInfo) -> Any:
        if value is not None:
            _READERS[str(info.field_name)](value, info.data)
        return value

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [kind for kind in _KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            listed = f", not {' and '.join(given)}" if given else ""
            raise ValueError(f"exactly one of {', '.join(_KINDS)} says when it fires{listed}")
        if given[0] in ("at", "rrule") and (self.start or self.end):
            own = "`at` is one moment" if self.at else "a rule has DTSTART and UNTIL"
            raise ValueError(f"start and end are not for {given[0]}: {own}")
        self._check_moments()
        return self

    def _check_moments(self) -> None:
        moments = self.moments
        if len(moments.when.expression) > LONGEST:
            raise ValueError(f"comes to over {LONGEST} characters, AWS's limit: write more schedules")
        if moments.start and moments.end and moments.end < moments.start:
            raise ValueError("can never fire: its end lies before its start")
        if isinstance(moments.when, Rate) and moments.start is None:
            return
        if next(moments.after(_LONG_AGO), None) is None:
            raise ValueError("can never fire: between its start and its end there is no moment")

    @property
    def kind(self) -> str:
        """Which of `cron`, `rate`, `at`, `interval` and `rrule` it is."""
        return next(kind for kind in _KINDS if getattr(self, kind) is not None)

    @cached_property
    def moments(self) -> Moments:
        """When it fires."""
        return _MOMENTS[self.kind](self)


def _read_cron(value: str, _known: Mapping[str, Any]) -> None:
    read_cron(value)


def _read_rate(value: str, _known: Mapping[str, Any]) -> None:
    read_rate(value)


def _read_interval(value: int, _known: Mapping[str, Any]) -> None:
    if value % 60:
        raise ValueError(f"{value} seconds: schedules count in whole minutes")


def _read_rrule(value: str, known: Mapping[str, Any]) -> None:
    if "timezone" in known:
        read_rrule(value, timezone=known["timezone"])


def _read_local(value: str, known: Mapping[str, Any]) -> None:
    local, zone = read_local(value), known.get("timezone") or DEFAULT_ZONE
    if is_skipped(local, zone):
        raise ValueError(f"the clocks of {zone} jump over {value}: choose another time")


_READERS: Mapping[str, Callable[[Any, Mapping[str, Any]], None]] = {
    "cron": _read_cron,
    "rate": _read_rate,
    "at": _read_local,
    "interval": _read_interval,
    "rrule": _read_rrule,
    "start": _read_local,
    "end": _read_local,
}


def _plain(timing: Timing, when: When) -> Moments:
    zone = timing.timezone or DEFAULT_ZONE
    return Moments(
        when=when,
        timezone=zone,
        start=to_utc(read_local(timing.start), zone) if timing.start else None,
        end=to_utc(read_local(timing.end), zone) if timing.end else None,
        jitter=timing.jitter,
    )


_MOMENTS: Mapping[str, Callable[[Timing], Moments]] = {
    "cron": lambda timing: _plain(timing, read_cron(timing.cron or "")),
    "rate": lambda timing: _plain(timing, Rate(read_rate(timing.rate or ""))),
    "at": lambda timing: _plain(timing, Once(read_local(timing.at or ""))),
    "interval": lambda timing: _plain(timing, Rate(timing.interval or 0)),
    "rrule": lambda timing: read_rrule(timing.rrule or "", timezone=timing.timezone, jitter=timing.jitter),
}
