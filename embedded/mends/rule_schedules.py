"""Rules with a schedule fire by the same dialect of cron as Scheduler's, in UTC.

MiniStack takes `rate(1 minutes)`, schedules on any bus and ranges that are none, forgets at a restart when a
rule fired last, and looks every ten seconds.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from embedded.schedules import expressions
from embedded.schedules.engine import CONSIDERED
from embedded.schedules.planning import Timing, plan

logger = logging.getLogger(__name__)

_STEP_SECONDS = 1.0
_PLURAL = re.compile(r"rate\((1 (minute|hour|day)|(?!1 )\d+ (minutes|hours|days))\)")


def install() -> None:
    """Check rules' schedules when they are stored, and fire them every second."""
    from ministack.services import eventbridge

    put_rule = eventbridge._put_rule

    def put(data: dict[str, Any]) -> Any:
        if data.get("ScheduleExpression") and data.get("EventBusName", "default") != "default":
            message = "ScheduleExpression is supported only on the default event bus."
            return eventbridge.error_response_json("ValidationException", message, 400)
        answer = put_rule(data)
        if answer[0] == 200:
            key = eventbridge._rule_key(data["Name"], data.get("EventBusName", "default"))
            eventbridge._rules[key] |= {CONSIDERED: time.time()}
        return answer

    eventbridge._put_rule = put
    eventbridge._validate_schedule_expression = is_valid
    eventbridge._tick_scheduled_rules = lambda: tick(eventbridge, time.time())
    eventbridge.start_scheduler = lambda: _start(eventbridge)


def is_valid(text: str) -> bool:
    """Whether a rule may have this schedule; none at all is one that it may have."""
    if not text:
        return True
    try:
        expressions.parse(text)
    except expressions.InvalidExpression:
        return False
    return text.startswith("cron(") or bool(_PLURAL.fullmatch(text))


def tick(eventbridge: Any, now: float) -> None:
    """Invoke the targets of every rule that is due."""
    from ministack.core.responses import request_scope

    for (account, region, key), rule in list(eventbridge._rules._data.items()):
        if rule.get("State") != "ENABLED" or not rule.get("ScheduleExpression"):
            continue
        found = plan(_timing(rule), considered=rule.get(CONSIDERED, 0.0), now=now)
        rule[CONSIDERED] = found.considered
        if found.fire or found.dropped:
            # Set, not only changed: whoever writes the state down looks at what was set.
            eventbridge._rules._data[account, region, key] = rule
        with request_scope(account, region):
            for moment in found.fire:
                _fire(eventbridge, rule, key, moment)


def _timing(rule: Mapping[str, Any]) -> Timing:
    expression = expressions.parse(rule["ScheduleExpression"])
    created = rule["CreationTime"]
    # The countdown of a rate begins when the rule is made.
    wait = expression.seconds if isinstance(expression, expressions.Rate) else 0
    return Timing(expression, created=created, start=created + wait)


def _fire(eventbridge: Any, rule: dict[str, Any], key: str, moment: float) -> None:
    event = {
        "EventId": eventbridge.new_uuid(),
        "Source": "aws.events",
        "DetailType": "Scheduled Event",
        "Detail": "{}",
        "EventBusName": rule.get("EventBusName", "default"),
        "Time": int(moment),
        "Resources": [rule["Arn"]],
        "Account": eventbridge.get_account_id(),
        "Region": eventbridge.get_region(),
    }
    for target in list(eventbridge._targets.get(key, [])):
        eventbridge._invoke_target(target, event, rule)


def _start(eventbridge: Any) -> None:
    def run() -> None:
        while True:
            time.sleep(_STEP_SECONDS)
            _safely(eventbridge._tick_scheduled_rules)

    threading.Thread(target=run, daemon=True, name="scheduled rules").start()


def _safely(step: Callable[[], None]) -> None:
    try:
        step()
    except Exception:
        logger.exception("a step of the scheduled rules broke off")
