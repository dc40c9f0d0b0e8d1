"""The schedules that a project's code wants: those of its runs, and those of its datasets' queries."""

from collections.abc import Callable

from sluiceway.datasets.query_schedules import query_schedules
from sluiceway.projects.contracts import SluiceConfig
from sluiceway.schedules.contracts import SCHEDULED_TIME, DesiredSchedule
from sluiceway.triggers.contracts import ScheduleFired


def desired_schedules(config: SluiceConfig) -> tuple[DesiredSchedule, ...]:
    """All of them; each is told from the others by its kind and its name."""
    return tuple(schedule for of_kind in _KINDS for schedule in of_kind(config))


def run_schedules(config: SluiceConfig) -> tuple[DesiredSchedule, ...]:
    """`schedule:` of `sluice.yaml`."""
    return tuple(
        DesiredSchedule(
            kind="run",
            name=schedule.name,
            timing=schedule,
            enabled=schedule.enabled,
            detail_type=ScheduleFired.__name__,
            detail={
                # Dots are in no name: no two moments of any two schedules have one id.
                "event_id": f"{config.project}.{schedule.name}.{SCHEDULED_TIME}",
                "project": config.project,
                "schedule": schedule.name,
                "scheduled_at": SCHEDULED_TIME,
            },
        )
        for schedule in config.schedule
    )


_KINDS: tuple[Callable[[SluiceConfig], tuple[DesiredSchedule, ...]], ...] = (
    run_schedules,
    query_schedules,
)
