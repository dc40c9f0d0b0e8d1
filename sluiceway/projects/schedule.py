"""`schedule:` of `sluice.yaml`."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from sluiceway.contract import Contract
from sluiceway.names import Name
from sluiceway.projects.duration import Duration

Overlap = Literal["skip", "queue", "cancel"]


class Timing(Contract):
    """When something happens. Exactly one of `cron`, `rate`, `at`, `interval` and `rrule` is given."""

    cron: str | None = None
    timezone: str = "UTC"
    jitter: Duration = 0


class Schedule(Timing):
    """One schedule of a project."""

    name: Name = Field(default="schedule", description="tells the schedules of a project apart")
    overlap: Overlap = Field(default="skip", description="what happens while a run of this schedule goes on")
    always: bool = Field(default=False, description="run although nothing has changed")
    parameters: dict[str, str] = Field(default_factory=dict)


def _listed(value: Any) -> Any:
    """One schedule is a list of one."""
    return [value] if isinstance(value, dict) else value


Schedules = Annotated[
    tuple[Schedule, ...],
    BeforeValidator(_listed, json_schema_input_type=Schedule | list[Schedule]),
]
"""One schedule, or a list of them under different names."""
