"""Alarms are checked when they are put, and may watch metric math, also in templates.

MiniStack drops `Metrics` and takes any statistic, operator and action.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

from collections.abc import Mapping
from typing import Any

from embedded.mends.metric_data import nested
from embedded.metrics import requests
from embedded.metrics.alarms import OPERATORS
from embedded.metrics.evaluation import check_functions
from embedded.metrics.store import check_statistic
from embedded.metrics.values import InvalidMath

_MISSING = frozenset({"breaching", "notBreaching", "ignore", "missing"})
_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
_SERVED = ("sns", "lambda", "autoscaling", "application-autoscaling")
_OF_ONE = ("MetricName", "Namespace", "Period", "Statistic", "ExtendedStatistic", "Dimensions", "Unit")
_TYPE = "AWS::CloudWatch::Alarm"


def install() -> None:
    """Ask before an alarm is stored, and keep its metrics."""
    from ministack.services import cloudwatch
    from ministack.services.cloudformation import provisioners

    put, record = cloudwatch._put_metric_alarm, provisioners._cw_metric_alarm_record

    def put_metric_alarm(params: Any, data: Any, is_cbor: bool, is_json: bool = False) -> Any:
        request = data if is_cbor or is_json else nested(params)
        reason = refusal(request)
        if reason:
            return cloudwatch._error("ValidationError", reason, 400, use_json=is_json, use_cbor=is_cbor)
        answer = put(params, data, is_cbor, is_json)
        alarm = cloudwatch._alarms.get(request["AlarmName"])
        if alarm and request.get("Metrics"):
            cloudwatch._alarms[request["AlarmName"]] = with_math(alarm, request["Metrics"])
            cloudwatch._evaluate_alarm(cloudwatch._alarms[request["AlarmName"]])
        return answer

    def alarm_record(name: str, properties: dict[str, Any]) -> dict[str, Any]:
        reason = refusal(_typed({"AlarmName": name} | properties))
        if reason:
            raise ValueError(f"{_TYPE}: {reason}")
        if not properties.get("Metrics"):
            return dict(record(name, properties))
        whole = {"MetricName": "-", "Namespace": "-"} | {
            key: value for key, value in properties.items() if key != "Metrics"
        }
        return with_math(record(name, whole), _typed(properties["Metrics"]))

    cloudwatch._put_metric_alarm = put_metric_alarm
    provisioners._cw_metric_alarm_record = alarm_record


def refusal(request: Mapping[str, Any]) -> str | None:
    """Why AWS refuses an alarm, or why it cannot be done here; None where it is good."""
    try:
        _check(request)
    except InvalidMath as error:
        return str(error)
    return None


def with_math(alarm: Mapping[str, Any], metrics: Any) -> dict[str, Any]:
    """An alarm on metric math instead of on one metric."""
    return {key: value for key, value in alarm.items() if key not in _OF_ONE} | {"Metrics": metrics}


def _check(request: Mapping[str, Any]) -> None:
    if request.get("ComparisonOperator") not in OPERATORS:
        raise InvalidMath(f"ComparisonOperator must be one of {sorted(OPERATORS)} here.")
    if request.get("ThresholdMetricId"):
        raise InvalidMath("ThresholdMetricId (anomaly detection) is not supported here.")
    if (request.get("TreatMissingData") or "missing") not in _MISSING:
        raise InvalidMath(f"Option {request['TreatMissingData']} is not supported for TreatMissingData.")
    periods = int(request.get("EvaluationPeriods") or 1)
    if not 1 <= int(request.get("DatapointsToAlarm") or periods) <= periods:
        raise InvalidMath("DatapointsToAlarm must be from 1 to EvaluationPeriods.")
    for action in (action for key in _ACTIONS for action in request.get(key) or []):
        if str(action).split(":")[2:3] and action.split(":")[2] not in _SERVED:
            raise InvalidMath(f"The action {action} is not supported here; there are {', '.join(_SERVED)}.")
    _check_metrics(request)


def _check_metrics(request: Mapping[str, Any]) -> None:
    metrics = request.get("Metrics")
    if not metrics:
        if not request.get("MetricName") or not request.get("Namespace"):
            raise InvalidMath("An alarm needs MetricName and Namespace, or Metrics.")
        check_statistic(str(request.get("ExtendedStatistic") or request.get("Statistic") or "Average"))
        return
    if any(request.get(key) for key in ("MetricName", "Namespace", "Statistic", "ExtendedStatistic")):
        raise InvalidMath("Metrics list cannot be used together with a metric of its own.")
    requests.check_queries(metrics)
    if sum(requests.returns(query) for query in metrics) != 1:
        raise InvalidMath("Exactly one element of the metrics list should return data.")
    for query in metrics:
        if query.get("Expression"):
            check_functions(query["Expression"])


def _typed(value: Any) -> Any:
    """Properties of a template, where numbers and flags may be texts."""
    if isinstance(value, list):
        return [_typed(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: _of_kind(key, each) for key, each in value.items()}


def _of_kind(key: str, value: Any) -> Any:
    if key == "ReturnData":
        return str(value).lower() == "true"
    return int(value) if key in {"Period", "EvaluationPeriods", "DatapointsToAlarm"} else _typed(value)
