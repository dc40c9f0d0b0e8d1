"""Queries that say when they run have a schedule, whose event asks for them."""

import yaml

from sluiceway.datasets.query_schedules import query_schedules
from sluiceway.projects.contracts import SluiceConfig
from sluiceway.schedules.contracts import SCHEDULED_TIME
from sluiceway.triggers.contracts import QueryAsked
from tests.unit.datasets.queries import sluice_yaml


def config(query: str) -> SluiceConfig:
    """The sample's, with this query."""
    return SluiceConfig.model_validate(yaml.safe_load(sluice_yaml(query)))


def test_a_query_without_a_schedule_has_none() -> None:
    """It runs when somebody asks."""
    assert query_schedules(config("{sql: SELECT 1}")) == ()


def test_a_schedule_asks_for_its_query() -> None:
    """Each delivery of one moment is the same event, and no two moments are."""
    (found,) = query_schedules(
        config("{sql: SELECT 1, schedule: {cron: 0 6 * * *, timezone: Europe/Berlin}}")
    )
    assert (found.kind, found.name, found.timing.timezone) == ("query", "flights", "Europe/Berlin")
    at = "2026-11-21T06:00:00Z"
    detail = {name: value.replace(SCHEDULED_TIME, at) for name, value in found.detail.items()}
    asked = QueryAsked.model_validate(detail)
    assert (asked.project, asked.dataset, asked.trigger) == ("flight-delay", "flights", "schedule")
    assert at in asked.event_id
    assert found.detail_type == "QueryAsked"
