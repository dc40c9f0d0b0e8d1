"""Events on their way from rules to targets stay on record until they are delivered, buried or given up.

EventBridge has accepted them, and tries for a day:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from embedded.durability.deliveries import Deliveries
from embedded.rules import delivering
from embedded.rules.delivering import Shipment, Ways

KIND = "rule"


def install(deliveries: Deliveries) -> Mapping[str, Callable[[Mapping[str, Any]], None]]:
    """Keep what is shipped; called after the mends. Returns how it is delivered again."""
    from ministack.services import eventbridge

    kept = Kept(deliveries)
    eventbridge._invoke_target = kept.invoking(eventbridge._invoke_target)
    setattr(delivering, "deliver", kept.delivering(delivering.deliver))  # noqa: B010 - for the type checker
    return {KIND: _deliver_again}


class Kept:
    """The shipments under way. One is known by its event and its target, which every attempt shares."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries
        self._names: dict[tuple[int, int], str] = {}

    def invoking(self, invoke: Callable[..., None]) -> Callable[..., None]:
        """Put a shipment on record before it leaves."""

        def invoke_target(target: Any, event: Any, rule: Any, *view: Any) -> None:
            payload = {"target": target, "event": event, "rule": rule}
            self._names[id(event), id(target)] = name = self._deliveries.keep(KIND, payload)
            try:
                invoke(target, event, rule, *view)
            except BaseException:
                self._deliveries.forget(name)
                raise

        return invoke_target

    def delivering(self, deliver: Callable[[Ways, Shipment], None]) -> Callable[[Ways, Shipment], None]:
        """Strike a shipment off when no further attempt is planned."""

        def deliver_and_forget(ways: Ways, shipment: Shipment) -> None:
            planned: list[float] = []

            def later(seconds: float, act: Callable[[], None]) -> None:
                planned.append(seconds)
                ways.later(seconds, act)

            deliver(replace(ways, later=later), shipment)
            if not planned:
                self._deliveries.forget(self._names.pop((id(shipment.raw), id(shipment.target)), ""))

        return deliver_and_forget


def _deliver_again(payload: Mapping[str, Any]) -> None:
    from ministack.core.responses import request_scope
    from ministack.services import eventbridge

    _, _, _, region, account, _ = payload["rule"]["Arn"].split(":", 5)
    with request_scope(account, region):
        eventbridge._invoke_target(payload["target"], payload["event"], payload["rule"])
