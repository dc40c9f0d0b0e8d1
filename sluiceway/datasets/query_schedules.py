"""The schedules of a project's queries, as its latest code wants them. Pure."""

from sluiceway.projects.contracts import SluiceConfig
from sluiceway.projects.query_settings import Query
from sluiceway.schedules.contracts import SCHEDULED_TIME, DesiredSchedule
from sluiceway.triggers.contracts import QueryAsked


def query_schedules(config: SluiceConfig) -> tuple[DesiredSchedule, ...]:
    """One for each query that says when it runs, named after its dataset."""
    queries = {dataset: settings.query for dataset, settings in config.data.items()}
    return tuple(
        _schedule(config.project, dataset, query)
        for dataset, query in queries.items()
        if query is not None and query.schedule is not None
    )


def _schedule(project: str, dataset: str, query: Query) -> DesiredSchedule:
    assert query.schedule is not None  # noqa: S101 - the caller has looked
    detail = {
        "event_id": f"query.{project}.{dataset}.{SCHEDULED_TIME}",
        "project": project,
        "dataset": dataset,
        "asked_at": SCHEDULED_TIME,
        "trigger": "schedule",
    }
    return DesiredSchedule(
        kind="query", name=dataset, timing=query.schedule, detail_type=QueryAsked.__name__, detail=detail
    )
