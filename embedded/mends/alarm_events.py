"""An alarm's change of state is an event on EventBridge, and may call a function.

MiniStack tells topics only. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from embedded.cloud import Cloud
from embedded.resource_policies import refusal
from embedded.service_events import publisher

logger = logging.getLogger(__name__)

_CALLER = "lambda.alarms.cloudwatch.amazonaws.com"
_DETAIL_TYPE = "CloudWatch Alarm State Change"
_ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}


def install(cloud: Cloud) -> None:
    """Publish where every change of state is recorded; call functions where topics are told."""
    from ministack.services import cloudwatch

    publish = publisher(cloud, "aws.cloudwatch")
    record, dispatch = cloudwatch._record_history, cloudwatch._dispatch_alarm_actions

    def record_history(name: str, before: str, after: str, reason: str, *rest: Any, **named: Any) -> None:
        record(name, before, after, reason, *rest, **named)
        alarm = cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name)
        if alarm and before != after:
            publish(_DETAIL_TYPE, described(alarm, before, now=datetime.now(UTC)), [alarm["AlarmArn"]])

    def dispatch_actions(alarm: Mapping[str, Any], before: str, after: str, reason: str) -> None:
        dispatch(alarm, before, after, reason)
        if alarm.get("ActionsEnabled", True):
            for arn in alarm.get(_ACTIONS.get(after, ""), None) or []:
                _call_function(arn, alarm, before)

    cloudwatch._record_history = record_history
    cloudwatch._dispatch_alarm_actions = dispatch_actions


def described(alarm: Mapping[str, Any], before: str, *, now: datetime) -> dict[str, Any]:
    """The detail of the event; `before` is the state that the alarm had."""
    timestamp = f"{now:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "+0000"
    return {
        "alarmName": alarm["AlarmName"],
        "state": {"value": alarm["StateValue"], "reason": alarm["StateReason"], "timestamp": timestamp},
        "previousState": {"value": before},
        "configuration": _configuration(alarm),
    }


def _configuration(alarm: Mapping[str, Any]) -> dict[str, Any]:
    described = {"description": alarm["AlarmDescription"]} if alarm.get("AlarmDescription") else {}
    if alarm.get("AlarmRule"):
        return described | {"alarmRule": alarm["AlarmRule"]}
    return described | {"metrics": [_query(query) for query in alarm.get("Metrics") or [_own(alarm)]]}


def _own(alarm: Mapping[str, Any]) -> dict[str, Any]:
    metric = {key: alarm.get(key) for key in ("Namespace", "MetricName", "Dimensions")}
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic")
    return {"Id": "m1", "MetricStat": {"Metric": metric, "Period": alarm.get("Period"), "Stat": statistic}}


def _query(query: Mapping[str, Any]) -> dict[str, Any]:
    shown = {"id": query["Id"], "returnData": query.get("ReturnData") is not False}
    if query.get("Expression"):
        return shown | {"expression": query["Expression"], "label": query.get("Label", "")}
    stat = query["MetricStat"]
    metric = stat["Metric"]
    dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions") or []}
    named = {"namespace": metric["Namespace"], "name": metric["MetricName"], "dimensions": dimensions}
    return shown | {"metricStat": {"metric": named, "period": int(stat["Period"]), "stat": stat["Stat"]}}


def _call_function(arn: str, alarm: Mapping[str, Any], before: str) -> None:
    from ministack.services import lambda_svc

    if ":lambda:" not in arn:
        return
    function, config, _ = lambda_svc._get_func_record_for_ref(arn)
    reason = refusal(_CALLER, "lambda:InvokeFunction", arn, source_arn=str(alarm["AlarmArn"]))
    if reason or not function or not config:
        logger.warning("%s called nobody: %s", alarm["AlarmName"], reason or f"{arn} does not exist")
        return
    now = datetime.now(UTC)
    _, _, _, region, account, _ = str(alarm["AlarmArn"]).split(":", 5)
    event = {
        "source": "aws.cloudwatch",
        "alarmArn": alarm["AlarmArn"],
        "accountId": account,
        "time": f"{now:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "+0000",
        "region": region,
        "alarmData": described(alarm, before, now=now),
    }
    lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(function, config), event)
