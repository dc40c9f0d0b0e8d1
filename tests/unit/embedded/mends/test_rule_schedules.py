"""Rules with a schedule."""

import pytest
from ministack.services import eventbridge

from embedded.mends import rule_schedules

MINISTACK_VALIDATES = eventbridge._validate_schedule_expression


@pytest.mark.parametrize(
    "text",
    ["rate(1 minutes)", "rate(5 minute)", "rate(0 minutes)", "cron(50-10 * * * ? *)", "cron(0 0 ? * ? *)"],
)
def test_what_aws_refuses_is_refused(text: str) -> None:
    """MiniStack takes each of these."""
    assert MINISTACK_VALIDATES(text)
    assert not rule_schedules.is_valid(text)


@pytest.mark.parametrize("text", ["", "rate(1 minute)", "rate(15 minutes)", "cron(0 12 ? * MON-FRI *)"])
def test_what_aws_takes_is_taken(text: str) -> None:
    """Singular for one, plural for more."""
    assert rule_schedules.is_valid(text)


def test_at_is_for_schedules_only() -> None:
    """A rule cannot fire once."""
    assert not rule_schedules.is_valid("at(2026-01-01T00:00:00)")


@pytest.fixture
def fired(monkeypatch) -> list[int]:
    """When the one target of a rule with `rate(10 minutes)`, made at 100 s, was invoked."""
    fired: list[int] = []
    monkeypatch.setattr(
        eventbridge, "_invoke_target", lambda target, event, rule: fired.append(event["Time"])
    )
    rule = {
        "Arn": "arn:aws:events:us-east-1:000000000000:rule/r", "Name": "r", "State": "ENABLED",
        "ScheduleExpression": "rate(10 minutes)", "CreationTime": 100.0,
    }  # fmt: skip
    key = ("000000000000", "us-east-1", "default|r")
    monkeypatch.setitem(eventbridge._rules._data, key, rule)
    monkeypatch.setitem(eventbridge._targets._data, key, [{"Id": "t", "Arn": "a"}])
    return fired


def test_the_countdown_begins_when_the_rule_is_made(fired: list[int]) -> None:
    """Not at once, as with Scheduler; and each moment once, also for a tick that comes twice."""
    for now in (100, 699, 700, 701, 1_301):
        rule_schedules.tick(eventbridge, now)
    assert fired == [700, 1_300]
