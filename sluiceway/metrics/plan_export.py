"""Plan an export: which series, which range, which calls. Writes the shards and hands on where they lie."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sluiceway.gateways.cloudwatch import MetricStore
from sluiceway.gateways.objects import Objects
from sluiceway.metrics.contracts import (
    DataRequest,
    ExportPlan,
    MetricFilter,
    Partition,
    PlanExportInput,
    PlanExportOutput,
    Series,
    Shard,
)
from sluiceway.metrics.layout import export_key, partition_prefix
from sluiceway.metrics.sharding import queries_of, requests_of, shards_of
from sluiceway.metrics.time_range import TimeRange, resolve_period, resolve_range, whole_days
from sluiceway.names import s3_uri

LISTED = timedelta(days=14)
"""ListMetrics knows only series with a point in the last two weeks (API reference)."""


@dataclass(frozen=True)
class ExportPlanner:
    """Plans exports into `s3://bucket/prefix`."""

    metrics: MetricStore
    objects: Objects
    bucket: str
    prefix: str

    def plan(self, wanted: PlanExportInput, now: datetime) -> PlanExportOutput:
        """Write plan and shards; the same range and filters give the same export id, and so the same keys."""
        days = whole_days(resolve_range(wanted, now), now)
        period = resolve_period(wanted.period, days[0].start, now)
        partitions = tuple(self._partitions(wanted, days, now))
        requests = [
            request
            for request in requests_of(queries_of(self._series(wanted.metrics)), days, period)
            if Partition(date=request.date, namespace=request.namespace) in partitions
        ]
        plan = ExportPlan(
            export_id=_export_id(wanted, days, period),
            start=days[0].start,
            end=days[-1].end,
            period=period,
            formats=wanted.formats,
            partitions=partitions,
            requests=len(requests),
            queries=sum(len(request.queries) for request in requests),
        )
        return self._store(plan, requests)

    def _partitions(
        self, wanted: PlanExportInput, days: Sequence[TimeRange], now: datetime
    ) -> Iterator[Partition]:
        """Days that still can be told in full, and older ones that were never exported.

        An older day that was exported stays as it is: asked again, CloudWatch would tell less of it.
        """
        for namespace in sorted({metric_filter.namespace for metric_filter in wanted.metrics}):
            for day in days:
                partition = Partition(date=f"{day.start:%Y-%m-%d}", namespace=namespace)
                folder = partition_prefix(self.prefix, wanted.formats[0], partition)
                if now - day.start <= LISTED or not any(self.objects.list_keys(self.bucket, folder)):
                    yield partition

    def _series(self, filters: Sequence[MetricFilter]) -> Iterator[tuple[MetricFilter, Series]]:
        for metric_filter in filters:
            for series in self.metrics.series(metric_filter):
                yield metric_filter, series

    def _store(self, plan: ExportPlan, requests: Sequence[DataRequest]) -> PlanExportOutput:
        shards = shards_of(requests, export_id=plan.export_id, formats=plan.formats)
        return PlanExportOutput(
            export_id=plan.export_id,
            plan_uri=self._write(plan.export_id, "plan.json", plan),
            shard_uris=tuple(
                self._write(plan.export_id, f"shard-{at:03d}.json", shard) for at, shard in enumerate(shards)
            ),
        )

    def _write(self, export_id: str, name: str, content: ExportPlan | Shard) -> str:
        key = export_key(self.prefix, export_id, name)
        self.objects.put(self.bucket, key, content.model_dump_json().encode())
        return s3_uri(self.bucket, key)


def _export_id(wanted: PlanExportInput, days: Sequence[TimeRange], period: int) -> str:
    start, end = days[0].start, days[-1].end
    filters = wanted.model_dump(mode="json", include={"metrics", "formats"})
    canonical = json.dumps([start.isoformat(), end.isoformat(), period, filters], sort_keys=True)
    return f"{start:%Y%m%d}-{end:%Y%m%dT%H%M}-{hashlib.sha256(canonical.encode()).hexdigest()[:8]}"
