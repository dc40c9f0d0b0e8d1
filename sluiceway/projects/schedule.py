"""`schedule:` of `sluice.yaml`: when runs start by themselves.

schedule:
  - {name: nightly, cron: "30 3 * * MON-FRI", timezone: Europe/Berlin, jitter: 15m}
  - {name: refresh, interval: 6h, overlap: queue}
  - {name: quarter, rrule: "FREQ=MONTHLY;BYMONTH=1,4,7,10;BYMONTHDAY=1;BYHOUR=6", always: true}
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from sluiceway.names import Name
from sluiceway.projects.parameter_text import ParameterText
from sluiceway.projects.schedule_timing import Timing as Timing

MOST = 20
"""schedules of one project"""
Overlap = Literal["skip", "queue", "cancel"]


class Schedule(Timing):
    """One schedule of a project."""

    name: Name = Field(default="schedule", description="tells the schedules of a project apart")
    overlap: Overlap = Field(
        default="skip",
        description="while a run of this schedule goes on: skip the moment, queue it, or cancel the run",
    )
    always: bool = Field(default=False, description="run although nothing has changed")
    enabled: bool = Field(default=True, description="false: keeps the schedule, but nothing fires")
    parameters: dict[str, ParameterText] = Field(
        default_factory=dict, max_length=100, description="values in place of those of the steps"
    )


def _listed(value: Any) -> Any:
    """One schedule is a list of one; nothing behind `schedule:` is none."""
    if value is None:
        return ()
    if isinstance(value, list) and len(value) > MOST:  # before each of them is looked at
        raise ValueError(f"there are {len(value)} schedules; a project may have {MOST}")
    return [value] if isinstance(value, dict) else value


def _told_apart(schedules: tuple[Schedule, ...]) -> tuple[Schedule, ...]:
    names = [schedule.name for schedule in schedules]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"two schedules are named {', '.join(twice)}: give each a name of its own")
    return schedules


Schedules = Annotated[
    tuple[Schedule, ...],
    Field(max_length=MOST),
    BeforeValidator(_listed, json_schema_input_type=Schedule | list[Schedule]),
    AfterValidator(_told_apart),
]
"""One schedule, or a list of them under different names."""
