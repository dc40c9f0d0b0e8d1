"""Log events in the embedded metric format become metrics, which MiniStack does not do.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

_MOST_METRICS, _MOST_DIMENSIONS, _MOST_VALUES = 100, 30, 100
_OLDEST, _NEWEST = 14 * 86_400, 2 * 3_600
"""Seconds before and after now of which CloudWatch takes metrics."""


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
        for datum in (datum for event in events for datum in read(event["message"], now=time.time())):
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


def read(message: str, *, now: float | None = None) -> Iterator[Datum]:
    """The metrics in a log event: none in one that is not in the format, nor of what is wrong in it."""
    if '"_aws"' not in message:
        return
    try:
        root = json.loads(message)
        meta = root["_aws"]
        at, directives = meta["Timestamp"] / 1000, list(meta["CloudWatchMetrics"])
    except (ValueError, KeyError, TypeError):
        return  # CloudWatch leaves a malformed one as a log event, too.
    if now is not None and not now - _OLDEST <= at <= now + _NEWEST:
        return
    for directive in directives:
        yield from _read_directive(root, at, directive)


def _read_directive(root: Mapping[str, Any], at: float, directive: Any) -> Iterator[Datum]:
    if not isinstance(directive, dict) or not isinstance(directive.get("Namespace"), str):
        return
    sets = [
        found
        for found in map(partial(_dimensions, root), directive.get("Dimensions") or [[]])
        if found is not None
    ]
    for metric in (directive.get("Metrics") or [])[:_MOST_METRICS]:
        values = _values(root.get(str(metric.get("Name")))) if isinstance(metric, dict) else []
        for dimensions in sets if values else []:
            yield Datum(
                namespace=directive["Namespace"],
                name=metric["Name"],
                dimensions=dimensions,
                at=at,
                unit=metric.get("Unit") or "None",
                values=values,
            )


def _dimensions(root: Mapping[str, Any], names: Any) -> dict[str, str] | None:
    """A set of dimensions with their values; None for one that names what is not there."""
    if not isinstance(names, list) or len(names) > _MOST_DIMENSIONS:
        return None
    found = {name: root.get(name) for name in names if isinstance(name, str)}
    is_whole = len(found) == len(names) and all(
        isinstance(value, str | int | float) for value in found.values()
    )
    return {name: str(value) for name, value in found.items()} if is_whole else None


def _values(target: Any) -> list[float]:
    """A number, or up to a hundred of them; nothing for anything else."""
    values = target if isinstance(target, list) else [target]
    are_numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in values)
    return [float(each) for each in values] if are_numbers and len(values) <= _MOST_VALUES else []
