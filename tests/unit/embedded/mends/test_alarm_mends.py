"""Alarms, held against MiniStack's own judgement, and what is told of them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from ministack.core.responses import request_scope
from ministack.services import cloudwatch, sqs

from embedded.mends import alarm_checks, alarm_events, alarm_states, queue_metrics

ALARM = {
    "AlarmName": "a", "AlarmArn": "arn:aws:cloudwatch:us-east-1:333333333333:alarm:a", "StateValue": "OK",
    "StateReason": "r", "Namespace": "N", "MetricName": "M", "Dimensions": [{"Name": "d", "Value": "mine"}],
    "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 5.0,
    "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
}  # fmt: skip
NOW = 1_800_000_030.0


@pytest.fixture
def points(monkeypatch):
    """A store with what is put into it."""
    with request_scope("333333333333", "us-east-1"):
        cloudwatch._metrics.clear()

        def put(value: float, dimension: str, at: float = NOW) -> None:
            cloudwatch._store_datum("N", "M", {"d": dimension}, at, "Count", value, None, None, None)

        yield put
        cloudwatch._metrics.clear()


def test_an_alarm_looks_at_its_own_dimensions(points, monkeypatch) -> None:
    """MiniStack takes what another queue has for its own."""
    points(9, "other")
    monkeypatch.setattr(cloudwatch.time, "time", lambda: NOW)
    unmended = dict(ALARM)
    cloudwatch._evaluate_alarm(unmended)
    assert unmended["StateValue"] == "ALARM"
    verdict = alarm_states.judged(ALARM, now=NOW)
    assert verdict
    assert verdict.state == "OK"
    points(9, "mine")
    verdict = alarm_states.judged(ALARM, now=NOW)
    assert verdict
    assert verdict.state == "ALARM"


def test_an_alarm_may_watch_an_expression(points) -> None:
    """Two metrics, and a quotient of them."""
    points(1, "bad")
    points(4, "all")
    stats = [
        {"Id": name, "ReturnData": False, "MetricStat": {
            "Metric": {"Namespace": "N", "MetricName": "M", "Dimensions": [{"Name": "d", "Value": name}]},
            "Period": 60, "Stat": "Sum"}}
        for name in ("bad", "all")
    ]  # fmt: skip
    metrics = [*stats, {"Id": "share", "Expression": "100 * bad / all"}]
    for threshold, expected in ((24, "ALARM"), (25, "OK")):
        alarm = alarm_checks.with_math(ALARM | {"Threshold": threshold}, metrics)
        verdict = alarm_states.judged(alarm, now=NOW)
        assert verdict
        assert verdict.state == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"ComparisonOperator": "GreaterThanUpperThreshold"},
        {"ThresholdMetricId": "t"},
        {"TreatMissingData": "whatever"},
        {"EvaluationPeriods": 2, "DatapointsToAlarm": 3},
        {"AlarmActions": ["arn:aws:automate:us-east-1:ec2:stop"]},
        {"ExtendedStatistic": "tm90", "Statistic": None},
        {"MetricName": None},
        {"Metrics": [{"Id": "e", "Expression": "1"}]},
    ],
)
def test_an_alarm_that_cannot_be_judged_is_refused(changes: dict[str, Any]) -> None:
    """When it is put."""
    assert alarm_checks.refusal(ALARM) is None
    assert alarm_checks.refusal(ALARM | changes)


def test_an_event_describes_the_alarm() -> None:
    """State, the state before, and what it watches."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    found = alarm_events.described(ALARM | {"StateValue": "ALARM"}, "OK", now=at)
    assert found["state"] == {"value": "ALARM", "reason": "r", "timestamp": "2026-01-01T00:00:00.000+0000"}
    assert found["previousState"] == {"value": "OK"}
    (metric,) = found["configuration"]["metrics"]
    assert metric["metricStat"] == {
        "metric": {"namespace": "N", "name": "M", "dimensions": {"d": "mine"}}, "period": 60, "stat": "Sum",
    }  # fmt: skip


def test_a_queue_is_measured() -> None:
    """Visible, in flight, delayed; and the age of the oldest that is not delayed."""
    messages = [
        {"visible_at": 0, "sent_at": 40},
        {"visible_at": 200, "sent_at": 10, "receive_count": 1},
        {"visible_at": 200, "sent_at": 5, "receive_count": 0},
    ]
    assert queue_metrics.measured({"messages": messages}, 100) == {
        "ApproximateNumberOfMessagesVisible": 1, "ApproximateNumberOfMessagesNotVisible": 1,
        "ApproximateNumberOfMessagesDelayed": 1, "ApproximateAgeOfOldestMessage": 90,
    }  # fmt: skip


def test_only_queues_with_messages_are_measured(monkeypatch) -> None:
    """And one more time when they are empty again: an idle queue costs no memory."""
    told: list[tuple[str, float]] = []
    queue = {"name": "q", "messages": [{"visible_at": 0, "sent_at": 0}]}
    monkeypatch.setattr(sqs._queues, "_data", {("333333333333", "us-east-1", "url"): queue})
    monkeypatch.setattr(
        cloudwatch, "record_metric", lambda _namespace, name, value, *_rest: told.append((name, value))
    )
    for messages in (queue["messages"], [], []):
        queue["messages"] = messages
        queue_metrics.record(100)
    assert [value for name, value in told if name.endswith("Visible") and "Not" not in name] == [1, 0]
