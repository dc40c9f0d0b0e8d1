"""Which metric a policy looks at, and its values of the last minutes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from embedded.scaling.variants import Resource
from embedded.wire import ApiError

_NAMESPACE = "AWS/SageMaker"
# Predefined metric → metric and statistic.
_PREDEFINED = {
    "SageMakerVariantInvocationsPerInstance": ("InvocationsPerInstance", "Sum"),
    "SageMakerVariantConcurrentRequestsPerModelHighResolution": ("ConcurrentRequestsPerModel", "Maximum"),
}
_CUSTOM = ("MetricName", "Namespace", "Dimensions", "Statistic", "Unit")
_MINUTE = 60


@dataclass(frozen=True)
class Metric:
    """One statistic of a metric, by the minute."""

    namespace: str
    name: str
    statistic: str
    dimensions: tuple[tuple[str, str], ...]

    def listed(self) -> list[dict[str, str]]:
        """The dimensions as CloudWatch lists them."""
        return [{"Name": name, "Value": value} for name, value in self.dimensions]


Read = Callable[[Metric, float, int], Sequence[float]]
"""Metric, moment and number of minutes → values of the last whole minutes, newest last; none for a gap."""


def tracked_metric(config: Mapping[str, Any], resource: Resource) -> Metric:
    """The metric of a target tracking policy. ValidationException for what is not done."""
    predefined = config.get("PredefinedMetricSpecification")
    custom = config.get("CustomizedMetricSpecification")
    if bool(predefined) == bool(custom):
        raise invalid(
            "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification is required."
        )
    if predefined:
        return _predefined(predefined["PredefinedMetricType"], resource)
    return _custom(custom or {})


def cloudwatch_reader(client: Callable[[], Any]) -> Read:
    """A reader of CloudWatch."""

    def read(metric: Metric, now: float, minutes: int) -> Sequence[float]:
        end = datetime.fromtimestamp(now // _MINUTE * _MINUTE, UTC)
        found = client().get_metric_statistics(
            Namespace=metric.namespace,
            MetricName=metric.name,
            Dimensions=metric.listed(),
            StartTime=end - timedelta(minutes=minutes),
            EndTime=end,
            Period=_MINUTE,
            Statistics=[metric.statistic],
        )["Datapoints"]
        values = {each["Timestamp"]: each[metric.statistic] for each in found if each["Timestamp"] < end}
        return unbroken(values, end, minutes)

    return read


def unbroken(values: Mapping[datetime, float], end: datetime, minutes: int) -> Sequence[float]:
    """The values of the minutes before `end` without a gap: what lies before a gap says nothing."""
    found: list[float] = []
    for age in range(1, minutes + 1):
        moment = end - timedelta(minutes=age)
        if moment not in values:
            break
        found.append(values[moment])
    return found[::-1]


def invalid(message: str) -> ApiError:
    """A ValidationException."""
    return ApiError("ValidationException", message)


def _predefined(kind: str, resource: Resource) -> Metric:
    if kind not in _PREDEFINED:
        raise invalid(
            f"PredefinedMetricType {kind} is not implemented by the embedded Application Auto Scaling"
        )
    name, statistic = _PREDEFINED[kind]
    dimensions = (("EndpointName", resource.endpoint), ("VariantName", resource.variant))
    return Metric(_NAMESPACE, name, statistic, dimensions)


def _custom(found: Mapping[str, Any]) -> Metric:
    others = sorted(found.keys() - set(_CUSTOM))
    if others:
        raise invalid(
            f"CustomizedMetricSpecification: {', '.join(others)} not implemented by the embedded Application "
            f"Auto Scaling"
        )
    pairs = tuple((each["Name"], each["Value"]) for each in found.get("Dimensions", []))
    return Metric(found["Namespace"], found["MetricName"], found["Statistic"], pairs)
