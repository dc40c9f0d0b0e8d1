"""What of `schedule:` is right or wrong only beside the rest of the project, or at the time of a push."""

from collections.abc import Iterator
from datetime import datetime

from sluiceway.projects.contracts import MlProject, SluiceConfig
from sluiceway.projects.problems import Problem
from sluiceway.projects.schedule import Schedule, Timing
from sluiceway.projects.schedule_cron import Cron
from sluiceway.projects.yaml_document import YamlDocument

Place = tuple[str | int, ...]


def check_parameters(config: SluiceConfig, project: MlProject, document: YamlDocument) -> Iterator[Problem]:
    """A parameter of a schedule must be one of some step's entry point: else it would change nothing."""
    points = [project.entry_points.get(step.entry_point or name) for name, step in config.steps.items()]
    known = sorted({parameter for point in points if point for parameter in point.parameters})
    for number, schedule in enumerate(config.schedule):
        for name in sorted(set(schedule.parameters) - set(known)):
            place = (*_place(document, number), "parameters", name)
            yield document.problem(place, f"no step has such a parameter; there are {', '.join(known)}")


def past_schedules(config: SluiceConfig, document: YamlDocument, *, now: datetime) -> Iterator[Problem]:
    """Cron whose years have all passed. An `at`, `end` or UNTIL passes in time: that is told, not refused."""
    for place, timing in _timings(config, document):
        cron = timing.moments.when
        if isinstance(cron, Cron) and cron.ends_before(now.year):
            message = f"can never fire: its last year is {max(cron.years)}"
            yield document.problem((*place, timing.kind), message)


def _timings(config: SluiceConfig, document: YamlDocument) -> Iterator[tuple[Place, Timing]]:
    """Of the project's runs, and of its datasets' queries."""
    for number, schedule in enumerate(config.schedule):
        yield _place(document, number), schedule
    for name, settings in config.data.items():
        if settings.query is not None and settings.query.schedule is not None:
            yield ("data", name, "query", "schedule"), settings.query.schedule


def remarks(config: SluiceConfig, *, now: datetime) -> Iterator[str]:
    """What is right, and worth knowing."""
    for schedule in config.schedule:
        told = finished(schedule, now=now)
        if told:
            yield f"schedule {schedule.name}: {told}: nothing will fire"


def finished(schedule: Schedule, *, now: datetime) -> str | None:
    """Why nothing comes of a schedule any more, for who reads a list; None where something does."""
    if not schedule.enabled:
        return "is not enabled"
    if next(schedule.moments.after(now), None) is None:
        return f"its last moment has passed ({schedule.kind})"
    return None


def _place(document: YamlDocument, number: int) -> Place:
    """A single schedule may be written without a list."""
    alone = isinstance(document.value.get("schedule"), dict)
    return ("schedule",) if alone else ("schedule", number)
