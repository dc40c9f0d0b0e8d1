"""The metrics of AWS/Events, of which MiniStack keeps none.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
"""

import contextvars
from collections.abc import Mapping
from typing import Any

from embedded.rules.delivering import Shipment

_NAMESPACE = "AWS/Events"
_matched: contextvars.ContextVar[list[str] | None] = contextvars.ContextVar("matched_rules", default=None)


def install() -> None:
    """Count the events that match and the rules that they trigger."""
    from ministack.services import eventbridge

    dispatch, matches = eventbridge._dispatch_event, eventbridge._matches_pattern_view

    def dispatch_event(event: Mapping[str, Any], view: Any = None) -> None:
        rules: list[str] = []
        token = _matched.set(rules)
        try:
            dispatch(event, view)
        finally:
            _matched.reset(token)
            _count_matched(str(event.get("EventBusName", "default")), rules)

    def matches_pattern_view(pattern: str, view: Any, owner: str = "rule") -> bool:
        found = bool(matches(pattern, view, owner))
        rules = _matched.get()
        if found and rules is not None and owner.startswith("rule "):
            rules.append(owner.rpartition("|")[2])
        return found

    eventbridge._dispatch_event = dispatch_event
    eventbridge._matches_pattern_view = matches_pattern_view


def count(shipment: Shipment, metric: str) -> None:
    """Count one for the rule of a delivery."""
    from ministack.core.responses import request_scope

    _, _, _, region, account, _ = shipment.rule["Arn"].split(":", 5)
    with request_scope(account, region):
        _record(
            metric, dimensions(shipment.rule.get("EventBusName", "default"), shipment.rule.get("Name", ""))
        )


def dimensions(bus: str, rule: str) -> dict[str, str]:
    """Those of a rule; a bus of one's own is named, too."""
    return {"RuleName": rule} if bus == "default" else {"EventBusName": bus, "RuleName": rule}


def _count_matched(bus: str, rules: list[str]) -> None:
    if rules:
        _record("MatchedEvents", {} if bus == "default" else {"EventBusName": bus})
    for rule in rules:
        _record("TriggeredRules", dimensions(bus, rule))


def _record(metric: str, named: dict[str, str]) -> None:
    from ministack.services import cloudwatch

    cloudwatch.record_metric(_NAMESPACE, metric, 1, "Count", named)
