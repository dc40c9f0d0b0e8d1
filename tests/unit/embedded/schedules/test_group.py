"""For whom a schedule acts."""

from embedded.schedules.engine import group_of


def test_a_schedule_acts_for_its_group() -> None:
    """A role's trust policy may name the group, not the schedule, as `aws:SourceArn`."""
    schedule = "arn:aws:scheduler:us-east-1:000000000000:schedule/nightly/export"
    assert group_of(schedule) == "arn:aws:scheduler:us-east-1:000000000000:schedule-group/nightly"
