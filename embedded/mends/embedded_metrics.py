"""Log events in the embedded metric format become metrics, which MiniStack does not do.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Datum:
    """One metric of a log event, under one set of dimensions."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    at: float
    unit: str
    values: Sequence[float]


def install() -> None:
    """Read metrics from every log event that is stored, in whatever group."""
    from ministack.services import cloudwatch, cloudwatch_logs

    append = cloudwatch_logs._append_log_events

    def append_events(stream: Any, events: Any) -> None:
        append(stream, events)
        for datum in (datum for event in events for datum in read(event["message"])):
            cloudwatch._store_datum(
                datum.namespace,
                datum.name,
                dict(datum.dimensions),
                datum.at,
                datum.unit,
                None,
                datum.values,
                None,
                None,
            )

    cloudwatch_logs._append_log_events = append_events


def read(message: str) -> Iterator[Datum]:
    """The metrics in a log event; a message that is not in the format has none."""
    if '"_aws"' not in message:
        return
    try:
        root = json.loads(message)
        meta = root["_aws"]
        for directive in meta.get("CloudWatchMetrics", []):
            yield from _read_directive(root, meta["Timestamp"] / 1000, directive)
    except (ValueError, KeyError, TypeError, AttributeError):
        return  # CloudWatch leaves a malformed one as a log event, too.


def _read_directive(root: Mapping[str, Any], at: float, directive: Mapping[str, Any]) -> Iterator[Datum]:
    for metric in directive["Metrics"]:
        value = root[metric["Name"]]
        values = [float(each) for each in (value if isinstance(value, list) else [value])]
        for keys in directive.get("Dimensions") or [[]]:
            yield Datum(
                namespace=directive["Namespace"],
                name=metric["Name"],
                dimensions={key: str(root[key]) for key in keys},
                at=at,
                unit=metric.get("Unit", "None"),
                values=values,
            )
