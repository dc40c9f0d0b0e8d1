"""A whole export on fakes: what the tests of this slice share."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pyarrow.parquet as pq

from sluiceway.metrics.contracts import (
    ExportShardInput,
    FinishExportInput,
    FinishExportOutput,
    MetricFilter,
    PlanExportInput,
    PlanExportOutput,
)
from sluiceway.metrics.export_shard import ShardExporter
from sluiceway.metrics.finish_export import ExportFinisher
from sluiceway.metrics.plan_export import ExportPlanner
from tests.fakes.cloudwatch import MemoryMetrics
from tests.fakes.objects import MemoryObjects

NOW = datetime(2026, 11, 21, 0, 30, tzinfo=UTC)
BUCKET, PREFIX = "artifacts", "metrics"


@dataclass
class Exports:
    """Metrics and buckets in memory, and the three tasks on them."""

    metrics: MemoryMetrics = field(default_factory=MemoryMetrics)
    objects: MemoryObjects = field(default_factory=MemoryObjects)

    def plan(self, *, now: datetime = NOW, **wanted: Any) -> PlanExportOutput:
        planner = ExportPlanner(self.metrics, self.objects, BUCKET, PREFIX)
        wanted.setdefault("metrics", (MetricFilter(namespace="AWS/Lambda", statistics=("Sum",)),))
        return planner.plan(PlanExportInput(**wanted), now)

    def shard(self, uri: str) -> str:
        exporter = ShardExporter(self.metrics, self.objects, BUCKET, PREFIX)
        return exporter.export(ExportShardInput(shard_uri=uri)).result_uri

    def finish(self, plan: PlanExportOutput, results: list[str]) -> FinishExportOutput:
        task = FinishExportInput(plan_uri=plan.plan_uri, result_uris=tuple(results))
        return ExportFinisher(self.objects, BUCKET, PREFIX).finish(task)

    def run(self, **wanted: Any) -> FinishExportOutput:
        plan = self.plan(**wanted)
        return self.finish(plan, [self.shard(uri) for uri in plan.shard_uris])

    def files(self, prefix: str = f"{PREFIX}/date=") -> list[str]:
        return list(self.objects.list_keys(BUCKET, prefix))

    def rows(self) -> list[dict[str, Any]]:
        return [row for key in self.files() for row in self.table(key).to_pylist()]

    def table(self, key: str) -> Any:
        return pq.read_table(BytesIO(self.objects.get(BUCKET, key)))
