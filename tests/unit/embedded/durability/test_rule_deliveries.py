"""An event stays on record until its target has it, or is given up; whatever its attempts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from embedded.durability.deliveries import Deliveries
from embedded.durability.rule_deliveries import Kept
from embedded.rules.delivering import Shipment, Ways
from embedded.rules.inputs import Delivery

RULE = {"Name": "r", "Arn": "arn:aws:events:us-east-1:000000000000:rule/r"}


@dataclass
class World:
    """Deliveries whose attempts are decided one by one: deliver, or plan another."""

    plans: list[bool]
    deliveries: Deliveries = field(default_factory=Deliveries)
    planned: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        kept = Kept(self.deliveries)
        self._deliver = kept.delivering(self._attempt)
        self.invoke = kept.invoking(self._ship)
        self._ways = Ways(
            lambda _: None,
            lambda *_: None,
            lambda *_: None,
            lambda _, act: self.planned.append(act),
            lambda: 0,
        )

    def _ship(self, target: Any, event: Any, rule: Any) -> None:
        delivery = Delivery({}, "", rule["Name"], rule["Arn"])
        self._deliver(self._ways, Shipment(target, rule, delivery, event))

    def _attempt(self, ways: Ways, shipment: Shipment) -> None:
        if self.plans.pop(0):
            ways.later(1.0, lambda: self._deliver(ways, shipment))


def test_a_delivered_event_is_struck_off() -> None:
    """At once."""
    world = World([False])
    world.invoke({"Id": "1"}, {"Detail": "{}"}, RULE)
    assert not world.deliveries.pending


def test_an_event_that_waits_for_another_attempt_is_on_record() -> None:
    """With all that is needed to deliver it, until the last attempt."""
    world = World([True, True, False])
    world.invoke({"Id": "1"}, {"Detail": "{}"}, RULE)
    (pending,) = world.deliveries.pending.values()
    assert pending["payload"] == {"target": {"Id": "1"}, "event": {"Detail": "{}"}, "rule": RULE}
    world.planned.pop()()
    assert len(world.deliveries.pending) == 1
    world.planned.pop()()
    assert not world.deliveries.pending


def test_targets_of_one_event_are_apart() -> None:
    """One may be reached and another not."""
    world, event = World([True, False]), {"Detail": "{}"}
    world.invoke({"Id": "1"}, event, RULE)
    world.invoke({"Id": "2"}, event, RULE)
    assert [each["payload"]["target"]["Id"] for each in world.deliveries.pending.values()] == ["1"]
