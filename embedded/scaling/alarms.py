"""The alarms of target tracking policies in CloudWatch, and the alarms that have step policies as action."""

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from embedded.scaling.adjusting import HIGH_POINTS, LOW_POINTS
from embedded.scaling.metrics import Metric
from embedded.service_events import Place

_SIDES = (
    ("AlarmHigh", "GreaterThanThreshold", HIGH_POINTS, 1.0),
    ("AlarmLow", "LessThanThreshold", LOW_POINTS, 0.9),
)


class PolicyAlarms:
    """Alarms in CloudWatch, which application auto scaling manages as the service's own role may.

    They are put there in this process, as templates are provisioned where nobody may wait for a request.
    """

    def __init__(self, place: Place, client: Callable[[], Any]) -> None:
        self._place = place
        self._client = client

    def make(self, resource: str, metric: Metric, target: float, policy_arn: str) -> tuple[str, ...]:
        """The names of the two new alarms of a target tracking policy: to scale out, and to scale in."""
        from ministack.core.responses import request_scope
        from ministack.services import cloudwatch

        alarms = [_alarm(side, resource, metric, target, policy_arn) for side in _SIDES]
        with request_scope(self._place.account_id, self._place.region):
            for alarm in alarms:
                place = f"arn:aws:cloudwatch:{self._place.region}:{self._place.account_id}"
                arn = {"AlarmArn": f"{place}:alarm:{alarm['AlarmName']}"}
                cloudwatch.cloudformation_put_metric_alarm(alarm | arn)
        return tuple(alarm["AlarmName"] for alarm in alarms)

    def remove(self, names: Sequence[str]) -> None:
        """Delete alarms."""
        from ministack.core.responses import request_scope
        from ministack.services import cloudwatch

        with request_scope(self._place.account_id, self._place.region):
            for name in names:
                cloudwatch.cloudformation_delete_metric_alarm(name)

    def ringing(self, policy_arn: str) -> Sequence[Mapping[str, Any]]:
        """The alarms in ALARM that have a policy as action."""
        pages = (
            self._client()
            .get_paginator("describe_alarms")
            .paginate(StateValue="ALARM", AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        )
        found = [
            each
            for page in pages
            for kind in ("MetricAlarms", "CompositeAlarms")
            for each in page.get(kind, [])
        ]
        return [
            each for each in found if each.get("ActionsEnabled", True) and policy_arn in each["AlarmActions"]
        ]


def _alarm(
    side: tuple[str, str, int, float], resource: str, metric: Metric, target: float, policy_arn: str
) -> dict[str, Any]:
    """An alarm as MiniStack keeps it."""
    name, operator, periods, part = side
    now = int(time.time())
    return {
        "AlarmName": f"TargetTracking-{resource}-{name}-{uuid.uuid4()}",
        "AlarmDescription": f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy_arn}.",
        "ActionsEnabled": True,
        "AlarmActions": [policy_arn],
        "OKActions": [],
        "InsufficientDataActions": [],
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": metric.listed(),
        "Statistic": metric.statistic,
        "ExtendedStatistic": None,
        "Unit": None,
        "Period": 60,
        "EvaluationPeriods": periods,
        "Threshold": target * part,
        "ComparisonOperator": operator,
        "TreatMissingData": "missing",
        "StateValue": "INSUFFICIENT_DATA",
        "StateReason": "Unchecked: Initial alarm creation",
        "StateUpdatedTimestamp": now,
        "AlarmConfigurationUpdatedTimestamp": now,
    }
