"""Of moments that wait together, none is forgotten where the first of them has no run."""

from sluiceway.triggers.contracts import ScheduleFired
from tests.fakes.samples import SLUICE_YAML
from tests.unit.triggers.scheduled import ALWAYS, Scheduled


def test_where_the_oldest_has_no_run_the_others_have_their_turns() -> None:
    """Its schedule is gone: each of them says so on record, once, however often the end is told."""
    world = Scheduled(f"{ALWAYS}, overlap: queue")
    first = world.fire(1)
    assert [world.fire(number).outcome for number in (2, 3, 4)] == ["queued"] * 3
    finished = world.end(first.run_id)
    world.deliver(world.push_code(sluice_yaml=SLUICE_YAML, train_py="new"))
    (record,) = world.resume(finished)
    assert record.outcome == "ignored"
    told = [each for each in world.events.published if isinstance(each, ScheduleFired)]
    for each in told:
        assert [found.outcome for found in world.request(each)] == ["ignored"]
        told += [new for new in world.events.published if isinstance(new, ScheduleFired) and new not in told]
    assert len(told) == 3
    assert world.ledger.waiting("flight-delay", "often") == []
