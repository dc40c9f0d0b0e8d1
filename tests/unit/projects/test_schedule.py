"""`schedule:` of `sluice.yaml`: what it may say, and at which line it is told what is wrong."""

from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from sluiceway.errors import InvalidProject
from sluiceway.projects.read_project import read_project, refuse_past
from sluiceway.projects.schedule import Schedule
from sluiceway.projects.schedule_checks import finished
from sluiceway.projects.sluice_yaml import validate
from tests.fakes.samples import SLUICE_YAML, MemoryTree, project_files

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
BERLIN = "timezone: Europe/Berlin"
GOOD = {
    "{cron: 0 6 * * 1}": "cron(0 6 ? * MON *)",
    "{rate: 5 minutes}": "rate(5 minutes)",
    "{rate: 1 day}": "rate(1 day)",
    "{rate: rate(24 hours)}": "rate(1 day)",
    "{interval: 90m}": "rate(90 minutes)",
    "{interval: 3600}": "rate(1 hour)",
    "{interval: 2d, start: 2026-12-01 06:00}": "rate(2 days)",
    "{at: 2026-12-24T18:00:00}": "at(2026-12-24T18:00:00)",
    "{at: at(2026-12-24T18:00:30)}": "at(2026-12-24T18:00:30)",
    "{at: 2026-12-24 18:00}": "at(2026-12-24T18:00:00)",
    "{rrule: FREQ=WEEKLY;BYDAY=MO}": "cron(0 0 ? * MON *)",
}
BAD = {
    "{}": "exactly one of",
    "{cron: 0 6 * * 1, rate: 1 day}": "not cron and rate",
    "5": "should be a mapping",
    "{cron: 5}": "schedule.cron: should be text",
    "{cron: 0 0 30 2 *}": "schedule.cron: can never fire",
    "{cron: '0 6 * * ? 2020'}": "schedule.cron: can never fire: its last year is 2020",
    "{cron: 0 6 * * *, timezone: Europe/Berln}": "did you mean Europe/Berlin",
    "{cron: 0 6 * * *, timezone: berlin}": "did you mean Europe/Berlin",
    "{cron: 0 6 * * *, timezone: utc}": "did you mean UTC",
    "{cron: 0 6 * * *, timezone: UTC+2}": r"Etc/GMT-2 is the zone of UTC\+2",
    "{cron: 0 6 * * *, timezone: GMT-03:00}": r"Etc/GMT\+3 is the zone of UTC-3",
    "{cron: 0 6 * * *, timezone: 'UTC+05:30'}": "name a place",
    "{cron: 0 6 * * *, timezone: '+15'}": "name a place",
    "{cron: 0 6 * * *, timezone: ../../etc/passwd}": "no time zone",
    "{cron: 0 6 * * *, timezone: localtime}": "no time zone",
    "{cron: 0 6 * * *, timezone: Europe/Bérlin}": "no time zone",
    "{cron: 0 6 * * *, jitter: 30s}": "schedule.jitter: a window",
    "{cron: 0 6 * * *, jitter: 25h}": "schedule.jitter: a window",
    "{cron: 0 6 * * *, overlap: kill}": "schedule.overlap",
    "{cron: 0 6 * * *, tz: UTC}": "schedule.tz: is not known here",
    "{cron: 0 6 * * *, parameters: {deepth: 3}}": "no step has such a parameter; there are",
    "{cron: 0 6 * * *, start: 2027-01-02 00:00, end: 2027-01-01 00:00}": "can never fire",
    "{cron: 0 6 1 1 *, start: 2027-01-02 00:00, end: 2027-02-01 00:00}": "can never fire",
    "{rate: 1 days}": "singular",
    "{rate: 5 minute}": "singular",
    "{rate: 0 days}": "is not a rate",
    "{rate: rate(5 minutes}": "is not a rate",
    "{at: at(2026-12-24T18:00:00}": "not a local time",
    "{at: 2026-12-24 18:00:00.5}": "whole seconds",
    "{rate: 5 seconds}": "is not a rate",
    "{rate: ５ days}": "is not a rate",
    "{rate: 9999999 days}": "longer than ten years",
    "{interval: 30s}": "schedule.interval",
    "{interval: 90s}": "whole minutes",
    "{interval: 5w}": "schedule.interval",
    "{at: tomorrow}": "not a local time",
    "{at: 2026-12-24}": "is a day: add a time",
    "{at: 2026-12-24T18:00:00Z}": "leave the offset out",
    "{at: 2026-13-24T18:00}": "no date and time",
    "{at: 2026-03-29 02:30, timezone: Europe/Berlin}": "jump over",
    "{at: 2026-12-24 18:00, end: 2027-01-01 00:00}": "not for at",
    "{rrule: FREQ=DAILY, end: 2027-01-01 00:00}": "not for rrule",
    "{rrule: FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30}": "can never fire",
    "[{cron: 0 6 * * *}, {cron: 0 7 * * *}]": "two schedules are named schedule",
    "[{name: a b, cron: 0 6 * * *}]": "is not a name",
    f"[{', '.join(['{cron: 0 0 30 2 *}'] * 1500)}]": "there are 1500 schedules",
}


def _validated(text: str) -> Any:
    tree = MemoryTree(project_files(sluice_yaml=f"{SLUICE_YAML}schedule: {text}\n"))
    project = read_project(tree)
    refuse_past(tree, project, now=NOW)
    return project.config.schedule


@pytest.mark.parametrize("text", GOOD)
def test_each_kind_becomes_an_expression_of_aws(text: str) -> None:
    """One mapping is a list of one."""
    (schedule,) = _validated(text)
    assert schedule.moments.when.expression == GOOD[text]


@pytest.mark.parametrize("text", BAD)
def test_what_cannot_be_is_told_at_its_line(text: str) -> None:
    """Line 11 is the line below the others."""
    with pytest.raises(InvalidProject, match=BAD[text]) as error:
        _validated(text)
    assert "sluice.yaml:11: schedule" in str(error.value)


def test_each_of_several_is_told_at_its_own_line() -> None:
    """Both the line and the place in the list."""
    text = "\n  - name: one\n    cron: 0 6 * * 1\n  - name: two\n    timezone: Berlin\n    cron: 61 6 * * 1"
    with pytest.raises(InvalidProject) as error:
        _validated(text)
    assert [line.partition(" ")[0] for line in str(error.value).splitlines()] == [
        "sluice.yaml:15:",
        "sluice.yaml:16:",
    ]


def test_the_past_is_refused_at_a_push_and_nowhere_else() -> None:
    """What is planned again years later was right when it was pushed."""
    text = f"{SLUICE_YAML}schedule: {{cron: '0 6 * * ? 2020'}}\n"
    with pytest.raises(InvalidProject, match="2020"):
        validate(text)
    assert read_project(MemoryTree(project_files(sluice_yaml=text))).config.schedule


@pytest.mark.parametrize(
    ("text", "told"),
    [("{at: 2026-11-21 11:59}", "passed"), ("{at: 2026-11-21 12:01}", None), ("{rate: 1 day}", None),
     ("{cron: 0 6 * * *, end: 2026-11-01 00:00}", "passed"), ("{rate: 1 day, enabled: false}", "enabled")],
)  # fmt: skip
def test_what_has_passed_in_time_is_told_and_stays(text: str, told: str | None) -> None:
    """A push years after an `at` is no reason to refuse the push."""
    (schedule,) = _validated(text)
    found = finished(schedule, now=NOW)
    assert (told is None) == (found is None)
    assert (told or "") in (found or "")


def test_parameters_are_text_and_those_of_some_step() -> None:
    """`depth: 5` is what people write."""
    (schedule,) = _validated("{rate: 1 day, parameters: {depth: 5}}")
    assert schedule.parameters == {"depth": "5"}


def _moments(text: str, since: datetime, number: int = 3) -> list[str]:
    (schedule,) = _validated(text)
    return [f"{each:%m-%d %H:%M}" for each in islice(schedule.moments.after(since), number)]


def test_a_time_that_the_clocks_skip_does_not_fire() -> None:
    """On 29 March 2026 there is no 02:30 in Berlin."""
    since = datetime(2026, 3, 27, 12, tzinfo=UTC)
    assert _moments(f"{{cron: 30 2 * * *, {BERLIN}}}", since) == ["03-28 01:30", "03-30 00:30", "03-31 00:30"]


def test_a_time_that_the_clocks_repeat_fires_once() -> None:
    """On 25 October 2026 there are two 02:30 in Berlin: the first, at 00:30 UTC."""
    since = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert _moments(f"{{cron: 30 2 * * *, {BERLIN}}}", since) == ["10-25 00:30", "10-26 01:30", "10-27 01:30"]
    between = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)
    assert _moments(f"{{cron: 30 2 * * *, {BERLIN}}}", between, 1) == ["10-26 01:30"]


def test_a_rate_has_days_of_24_hours_from_its_start() -> None:
    """The start is the first moment, and the beat goes on through a change of the clocks."""
    text = f"{{interval: 1d, start: 2026-10-24 12:00, {BERLIN}}}"
    assert _moments(text, datetime(2026, 1, 1, tzinfo=UTC)) == ["10-24 10:00", "10-25 10:00", "10-26 10:00"]


def test_limits_are_what_aws_takes() -> None:
    """No start date that has passed; a rate's is a moment of its beat; an end lies between two moments."""
    (rate,) = _validated("{interval: 1h, start: 2026-11-21 00:10, end: 2026-12-01 00:10}")
    begin, end = rate.moments.limits(NOW)
    assert (begin, f"{end:%m-%d %H:%M:%S}") == (datetime(2026, 11, 21, 12, 10, tzinfo=UTC), "12-01 00:10:30")
    (cron,) = _validated("{cron: 0 6 * * *, start: 2026-11-01 00:00}")
    assert cron.moments.limits(NOW) == (None, None)
    (once,) = _validated("{at: 2026-12-24 18:00, jitter: 15m}")
    assert once.moments.limits(NOW) == (None, None)


def test_a_rate_without_a_start_begins_one_period_from_now() -> None:
    """A push starts a run by itself: the schedule need not start another."""
    (rate,) = _validated("{interval: 6h}")
    assert rate.moments.limits(NOW)[0] == datetime(2026, 11, 21, 18, tzinfo=UTC)


def test_a_schedule_survives_the_ledger() -> None:
    """Without what is left at its default, and back."""
    config = validate(f"{SLUICE_YAML}schedule: {{at: 2099-12-24T18:00:00, jitter: 15m}}\n")
    again = type(config).model_validate_json(config.model_dump_json(exclude_defaults=True))
    assert again == config


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["cron", "rate", "at", "interval", "rrule", "timezone", "jitter", "start", "end"]),
        st.one_of(st.text(max_size=300), st.integers(), st.datetimes(), st.none(), st.lists(st.text())),
        max_size=3,
    )
)
def test_anything_is_read_or_refused(given: dict[str, Any]) -> None:
    """Never another error than one that is told with its place."""
    try:
        Schedule.model_validate(given)
    except ValidationError as error:
        assert error.errors()  # noqa: PT017 - whether it is refused is Hypothesis' choice


def test_a_query_that_can_never_be_asked_is_refused_at_a_push() -> None:
    """Its schedule is of the same kind, at its own line."""
    query = "{sql: SELECT 1, schedule: {cron: '0 6 * * ? 2020'}}"
    text = SLUICE_YAML.replace("data: [flights]", f"data: {{flights: {{query: {query}}}}}")
    with pytest.raises(
        InvalidProject, match=r"sluice.yaml:2: data.flights.query.schedule.cron: can never fire"
    ):
        validate(text)
