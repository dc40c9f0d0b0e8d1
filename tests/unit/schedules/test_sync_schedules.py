"""A project's schedules are those of its latest code, whichever push asked, however often, in any order."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluiceway.errors import ServiceUnavailable
from sluiceway.gateways.schedules import StoredSchedule, schedule_key
from sluiceway.projects.sluice_yaml import validate
from sluiceway.schedules.contracts import ScheduleSync
from sluiceway.schedules.sync_schedules import Syncing, sync_schedules
from sluiceway.triggers.contracts import CodePushed, Commit, ProjectRetired, ScheduleFired
from tests.fakes.ledger import memory_ledger
from tests.fakes.samples import SLUICE_YAML, code_pointer
from tests.fakes.schedules import MemorySchedules

NOW = datetime(2026, 11, 21, 12, 0, 20, tzinfo=UTC)
PROJECT = "flight-delay"
NIGHTLY, HOURLY = "{name: nightly, cron: 0 3 * * *}", "{name: hourly, interval: 1h}"


class Pushes:
    """Pushes of one project, each with its own list of schedules."""

    def __init__(self) -> None:
        self.ledger = memory_ledger()
        self.schedules = MemorySchedules()
        self.now = NOW
        self.number = 0

    def push(self, *schedules: str) -> CodePushed:
        """New code is the latest; returns its event, not yet delivered."""
        self.number += 1
        config = validate(f"{SLUICE_YAML}schedule: [{', '.join(schedules)}]\n")
        pointer = code_pointer(
            project=PROJECT,
            order=f"{self.number:04d}",
            event_id=f"push-{self.number}",
            config=config.model_dump_json(exclude_defaults=True),
        )
        self.ledger.move_code_pointer(pointer)
        return CodePushed(
            event_id=pointer.event_id,
            project=PROJECT,
            code_version=pointer.code_version,
            uri=pointer.uri,
            trigger="upload",
        )

    def sync(self, pushed: CodePushed) -> ScheduleSync:
        on = Syncing(ledger=self.ledger, schedules=self.schedules, now=lambda: self.now)
        return sync_schedules(pushed, on)

    def there(self, name: str) -> StoredSchedule:
        return self.schedules.stored[schedule_key(PROJECT, "run", name)]

    @property
    def names(self) -> list[str]:
        return sorted(each.name for each in self.schedules.stored.values())


def test_schedules_are_made_changed_and_removed_with_pushes() -> None:
    """Each push's record says what was done."""
    pushes = Pushes()
    first = pushes.push(NIGHTLY, HOURLY)
    assert pushes.sync(first).made == ("nightly", "hourly")
    second = pushes.sync(pushes.push(NIGHTLY.replace("0 3", "0 4")))
    assert (second.made, second.changed, second.removed) == ((), ("nightly",), ("hourly",))
    assert pushes.there("nightly").expression == "cron(0 4 * * ? *)"
    assert pushes.sync(pushes.push()).removed == ("nightly",)
    record = pushes.ledger.event(f"push-2.{PROJECT}.schedules")
    assert record is not None
    assert record.reason == "schedules: changed nightly; removed hourly"


def test_the_schedules_of_a_retired_project_are_removed() -> None:
    """Whichever of the two events comes last; other code brings them back."""
    pushes = Pushes()
    pushed = pushes.push(NIGHTLY, HOURLY)
    pushes.sync(pushed)
    latest = pushes.ledger.code_pointer(PROJECT)
    retired = latest.model_copy(update={"retired": "gone", "event_id": "gone", "order": f"{latest.order}+"})
    pushes.ledger.retire_code(retired, latest)
    commit = Commit(repository="octo-org/models", sha="ab" * 20, ref="refs/heads/main")
    told = ProjectRetired(event_id="gone", project=PROJECT, reason="gone", commit=commit)
    assert sorted(pushes.sync(told).removed) == ["hourly", "nightly"]
    assert pushes.sync(pushed) == pushes.sync(told) == ScheduleSync(project=PROJECT)
    assert pushes.sync(pushes.push(NIGHTLY)).made == ("nightly",)


def test_the_same_sync_twice_is_one() -> None:
    """A push that changes no schedule, and a second delivery, write nothing."""
    pushes = Pushes()
    first = pushes.push(NIGHTLY, HOURLY)
    pushes.sync(first)
    pushes.now += timedelta(days=3, seconds=17)
    written = list(pushes.schedules.written)
    assert pushes.sync(first) == pushes.sync(pushes.push(NIGHTLY, HOURLY)) == ScheduleSync(project=PROJECT)
    assert pushes.schedules.written == written


def test_what_is_fired_is_the_same_event_at_each_delivery() -> None:
    """Scheduler puts the moment into the detail, which is an event of the bus as the rules know it."""
    pushes = Pushes()
    pushes.sync(pushes.push(NIGHTLY))
    there = pushes.there("nightly")
    filled = there.detail.replace("<aws.scheduler.scheduled-time>", "2026-11-22T03:00:00Z")
    fired = ScheduleFired.model_validate(json.loads(filled))
    assert (there.source, there.detail_type) == ("sluiceway", "ScheduleFired")
    assert fired.event_id == f"{PROJECT}.nightly.2026-11-22T03:00:00Z"
    assert (fired.project, fired.schedule, fired.scheduled_at) == (PROJECT, "nightly", "2026-11-22T03:00:00Z")


def test_everything_of_a_schedule_reaches_the_scheduler() -> None:
    """Zone, window, dates, state."""
    pushes = Pushes()
    pushes.sync(
        pushes.push(
            "{name: all, cron: 0 3 * * *, timezone: Europe/Berlin, jitter: 15m, enabled: false, "
            "start: 2026-12-01 00:00, end: 2026-12-24 03:00}"
        )
    )
    there = pushes.there("all")
    assert (there.timezone, there.window_minutes, there.enabled) == ("Europe/Berlin", 15, False)
    assert there.start == datetime(2026, 11, 30, 22, 59, 30, tzinfo=UTC)
    assert there.end == datetime(2026, 12, 24, 2, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ("interval: 1h", "interval: 2h", True),
        ("interval: 1h", "interval: 1h, start: 2026-11-21 00:10", True),
        ("interval: 1h, start: 2026-11-21 00:10", "interval: 1h, start: 2026-11-20 23:10", False),
        ("interval: 1h, start: 2026-11-21 00:10", "interval: 1h, start: 2026-11-21 00:20", True),
        ("interval: 1h, start: 2026-11-21 00:10", "interval: 1h, start: 2026-12-21 00:10", True),
        ("interval: 1h, start: 2026-12-21 00:10", "interval: 1h, start: 2026-11-21 00:10", True),
        ("cron: 0 3 * * *", "cron: '00 03 * * *', always: true, overlap: queue", False),
        ("cron: 0 3 * * *", "cron: 0 3 * * *, jitter: 5m", True),
    ],
)
def test_only_what_changes_the_moments_is_changed(before: str, after: str, changes: bool) -> None:
    """A change starts a beat anew: it is made only where there is one."""
    pushes = Pushes()
    pushes.sync(pushes.push(f"{{name: some, {before}}}"))
    pushes.now += timedelta(minutes=90)
    assert pushes.sync(pushes.push(f"{{name: some, {after}}}")).changed == (("some",) if changes else ())


def test_what_is_over_is_not_made_again() -> None:
    """An `at` stays in the file for years; while clocks may differ it is still made."""
    pushes = Pushes()
    at = "{name: once, at: 2026-11-21 12:00}"
    assert pushes.sync(pushes.push(at)).made == ("once",)
    del pushes.schedules.stored[schedule_key(PROJECT, "run", "once")]
    pushes.now += timedelta(hours=1)
    assert pushes.sync(pushes.push(at)) == ScheduleSync(project=PROJECT, finished=("once",))
    assert pushes.names == []


def test_an_at_that_comes_while_its_push_is_worked_off_is_made_for_half_a_minute_later() -> None:
    """AWS takes no time that has passed. It tells of its own moment: made again, it is the same event."""
    pushes = Pushes()
    pushed = pushes.push("{name: once, at: '2026-11-21 12:00:30'}")
    pushes.now += timedelta(seconds=15)
    pushes.sync(pushed)
    there = pushes.there("once")
    assert there.expression == "at(2026-11-21T12:01:05)"
    assert json.loads(there.detail)["event_id"] == f"{PROJECT}.once.2026-11-21T12:00:30Z"
    pushes.now += timedelta(minutes=5)
    assert pushes.sync(pushed).changed == ()


def test_what_is_over_but_still_delivered_is_left_alone() -> None:
    """Scheduler tries a day long: removing it would lose its moment."""
    pushes = Pushes()
    at = "{name: once, at: 2026-11-21 12:00}"
    pushes.sync(pushes.push(at))
    pushes.now += timedelta(hours=1)
    pushes.sync(pushes.push(at))
    assert pushes.names == ["once"]


@pytest.mark.parametrize(
    "after",
    ["at: 2026-11-01 12:00", "cron: 0 3 * * *, end: 2026-11-01 00:00", "interval: 1h, end: 2026-11-01 00:00"],
)
def test_what_fired_before_goes_when_its_new_moments_are_all_past(after: str) -> None:
    """Left there, it would go on at moments that the latest code no longer has."""
    pushes = Pushes()
    pushes.sync(pushes.push(NIGHTLY))
    done = pushes.sync(pushes.push(f"{{name: nightly, {after}}}"))
    assert (done.removed, done.finished, pushes.names) == (("nightly",), ("nightly",), [])


def test_schedules_of_others_are_never_touched() -> None:
    """Of a project whose name begins alike, and what was made by hand."""
    pushes = Pushes()
    pushes.sync(pushes.push(NIGHTLY))
    other = pushes.there("nightly")
    other = StoredSchedule(**{**vars(other), "project": "flight-delay-2"})
    pushes.schedules.stored[other.key] = other
    pushes.schedules.foreign.add(f"{PROJECT}.by-hand")
    pushes.sync(pushes.push())
    assert list(pushes.schedules.stored) == [other.key]
    assert pushes.schedules.foreign == {f"{PROJECT}.by-hand"}


def test_a_lost_answer_changes_nothing() -> None:
    """The write was done: the next delivery finds it."""
    pushes = Pushes()
    first = pushes.push(NIGHTLY)
    pushes.schedules.lose_answers = 1
    with pytest.raises(ServiceUnavailable):
        pushes.sync(first)
    assert pushes.sync(first) == ScheduleSync(project=PROJECT)
    assert pushes.schedules.written == [("put", "nightly")]


def test_the_later_push_wins_against_a_sync_that_is_under_way() -> None:
    """Whoever still works for earlier code reads the pointer again at the end, and does it over."""
    pushes = Pushes()
    first = pushes.push(NIGHTLY)

    def meanwhile() -> None:
        pushes.sync(pushes.push(HOURLY))

    pushes.schedules.before_write = meanwhile
    pushes.sync(first)
    assert pushes.names == ["hourly"]


def test_an_earlier_push_that_comes_late_reads_the_latest_code() -> None:
    """Days late, out of a dead-letter queue."""
    pushes = Pushes()
    first, second = pushes.push(NIGHTLY), pushes.push(HOURLY)
    pushes.sync(second)
    assert pushes.sync(first) == ScheduleSync(project=PROJECT)
    assert pushes.names == ["hourly"]


def test_tokens_are_of_one_push_and_one_change() -> None:
    """Made, removed, and made again: the third is no repetition of the first."""
    pushes = Pushes()
    for schedules in ((NIGHTLY,), (), (NIGHTLY,)):
        pushes.sync(pushes.push(*schedules))
    assert len(set(pushes.schedules.tokens)) == 3
    assert all(len(token) <= 64 for token in pushes.schedules.tokens)


names = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=2, max_size=38).map(lambda text: f"a{text}")


@given(names, names, names, names)
def test_names_are_valid_short_and_of_one_schedule_only(a: str, b: str, c: str, d: str) -> None:
    """Two schedules have one name only if they are the same."""
    for project, name in ((a, b), (c, d)):
        key = schedule_key(project, "run", name)
        assert len(key) <= 64
        assert key.startswith(f"{project}.")
    assert (schedule_key(a, "run", b) == schedule_key(c, "run", d)) == ((a, b) == (c, d))
    assert schedule_key(a, "run", b) != schedule_key(a, "query", b)


options = [NIGHTLY, HOURLY, NIGHTLY.replace("0 3", "30 4"), "{name: once, at: 2026-11-22 12:00}"]
contents = st.lists(st.sampled_from(options), unique_by=lambda text: text.partition(",")[0], max_size=3)


@settings(max_examples=80, deadline=None)
@given(st.lists(contents, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_in_any_order_with_anything_lost_the_latest_code_stands(
    contents: list[list[str]],
    chance: st.randoms,  # type: ignore[valid-type]
) -> None:
    """Each push is delivered once to three times, late, and within another's work."""
    pushes = Pushes()
    events = [pushes.push(*schedules) for schedules in contents]
    for event in [*chance.sample(events * 2, len(events) * 2), chance.choice(events)]:
        other = chance.choice(events)
        pushes.schedules.before_write = lambda other=other: pushes.sync(other)
        pushes.schedules.lose_answers = chance.randint(0, 1)
        try:
            pushes.sync(event)
        except ServiceUnavailable:
            pushes.schedules.lose_answers = 0
            pushes.sync(event)
    assert pushes.names == sorted(text[7:].partition(",")[0] for text in contents[-1])
