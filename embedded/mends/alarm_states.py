"""Alarms look at their own metric, or at metric math, period by period, and also when no data comes.

MiniStack mixes all metrics of a name whatever their dimensions, takes all periods for one, ignores missing
data and M out of N, and looks only when somebody puts metric data.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

import logging
import threading
import time
from collections.abc import Mapping
from typing import Any

from embedded.metrics import alarms
from embedded.metrics.alarms import Rule, Verdict
from embedded.metrics.evaluation import Evaluation
from embedded.metrics.search import Metric
from embedded.metrics.store import Points
from embedded.metrics.values import InvalidMath, Series

logger = logging.getLogger(__name__)

_STEP_SECONDS = 5.0


def install() -> None:
    """Judge alarms by our rules, now and then."""
    from ministack.services import cloudwatch

    def evaluate_alarm(alarm: dict[str, Any]) -> None:
        verdict = judged(alarm, now=time.time())
        if verdict and verdict.state not in (None, alarm["StateValue"]):
            _change(cloudwatch, alarm, verdict)

    cloudwatch._evaluate_alarm = evaluate_alarm
    threading.Thread(target=_keep_looking, args=(cloudwatch,), daemon=True, name="alarms").start()


def judged(alarm: Mapping[str, Any], *, now: float) -> Verdict | None:
    """What an alarm's points say; None for one whose metric cannot be computed."""
    try:
        period = _period(alarm)
        rule = Rule.of(alarm, period)
        moments = rule.moments(now)
        series = _series(alarm, period, Points(moments[-1], moments[0] + period))
    except InvalidMath as error:
        logger.warning("%s: %s", alarm.get("AlarmName"), error)
        return None
    points = [(at, series.points[at]) if at in series.points else None for at in moments]
    return alarms.judge(rule, points)


def _period(alarm: Mapping[str, Any]) -> int:
    stats = [query["MetricStat"] for query in alarm.get("Metrics") or [] if query.get("MetricStat")]
    own = [int(query["Period"]) for query in alarm.get("Metrics") or [] if query.get("Period")]
    found = [int(stat["Period"]) for stat in stats] or own
    return max(found) if found else int(alarm.get("Period") or 60)


def _series(alarm: Mapping[str, Any], period: int, points: Points) -> Series:
    if not alarm.get("Metrics"):
        dimensions = sorted((each["Name"], each["Value"]) for each in alarm.get("Dimensions") or [])
        metric = Metric(alarm["Namespace"], alarm["MetricName"], tuple(dimensions))
        return points.read(
            metric, alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average", period
        )
    watched = next(query["Id"] for query in alarm["Metrics"] if query.get("ReturnData") is not False)
    value = Evaluation(alarm["Metrics"], points, default_period=period).value(watched)
    if not isinstance(value, Series):
        raise InvalidMath("The expression of an alarm must give one time series")
    return value


def _change(cloudwatch: Any, alarm: dict[str, Any], verdict: Verdict) -> None:
    before, state = alarm["StateValue"], str(verdict.state)
    alarm |= {
        "StateValue": state,
        "StateReason": verdict.reason,
        "StateUpdatedTimestamp": int(time.time()),
        "StateTransitionedTimestamp": int(time.time()),
    }
    cloudwatch._record_history(alarm["AlarmName"], before, state, verdict.reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, state, verdict.reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def _keep_looking(cloudwatch: Any) -> None:
    from ministack.core.responses import request_scope

    while True:
        time.sleep(_STEP_SECONDS)
        for account, region, name in list(cloudwatch._alarms._data):
            try:
                with request_scope(account, region):
                    alarm = cloudwatch._alarms.get(name)
                    if alarm:
                        cloudwatch._evaluate_alarm(alarm)
            except Exception:
                logger.exception("alarm %s could not be evaluated", name)
