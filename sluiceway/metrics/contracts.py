"""What goes in and out of `export_metrics`, and the S3 objects that its tasks hand to each other.

The exported table has one row for each series, statistic and point, and lies in
`<prefix>/date=…/namespace=…/part-NNN.parquet`:

    date        string                 from the path: the UTC day of the point
    namespace   string                 from the path, percent-encoded there (`AWS%2FLambda`)
    timestamp   timestamp[us, UTC]     start of the period
    period      int32                  seconds that the point stands for
    metric      string
    statistic   string                 Average, Sum, …, p99
    unit        string, may be null    only where the filter asked for one: CloudWatch does not tell it
    value       double
    dimensions  map<string, string>    every dimension of the series
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from sluiceway.contract import Contract

Statistic = Annotated[
    str,
    StringConstraints(
        pattern=r"^(Average|Sum|Minimum|Maximum|SampleCount|IQM|(p|tm|tc|ts|wm)\d{1,2}(\.\d{1,10})?)$"
    ),
]
"""A CloudWatch statistic or percentile: `Sum`, `p99`, `p99.9`, `tm95`."""

Format = Literal["parquet", "json"]
STATISTICS: tuple[str, ...] = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")
LATENCY_STATISTICS: tuple[str, ...] = (*STATISTICS, "p50", "p99")


class MetricFilter(Contract):
    """Which series to export, and which of their statistics."""

    namespace: str = Field(min_length=1, max_length=255)
    metric_names: tuple[str, ...] = Field(default=(), description="default: all metrics of the namespace")
    dimensions: dict[str, str | None] = Field(
        default_factory=dict, max_length=10, description="name → value, or null for any value"
    )
    statistics: tuple[Statistic, ...] = Field(default=STATISTICS, min_length=1)
    unit: str | None = Field(default=None, description="only data points that were put with this unit")


DEFAULT_METRICS: tuple[MetricFilter, ...] = (
    MetricFilter(namespace="AWS/SageMaker", statistics=LATENCY_STATISTICS),
    MetricFilter(namespace="/aws/sagemaker/Endpoints"),
    MetricFilter(namespace="AWS/Lambda", statistics=LATENCY_STATISTICS),
    MetricFilter(namespace="AWS/States", statistics=LATENCY_STATISTICS),
    MetricFilter(namespace="AWS/CodeBuild"),
    MetricFilter(namespace="Sluiceway"),
)
"""Endpoints, functions, state machines, image builds, and what the platform and its jobs put themselves.

Batch itself has no metrics in CloudWatch; machines have (`AWS/EC2`, `CWAgent`): ask for those by name.
"""


class PlanExportInput(Contract):
    """What to export: start and end, start and minutes, or minutes until now; times without zone are UTC."""

    start: datetime | None = None
    end: datetime | None = None
    minutes: int | None = None
    period: int | None = Field(
        default=None, description="seconds for each point; default: the finest that CloudWatch still keeps"
    )
    metrics: tuple[MetricFilter, ...] = Field(default=DEFAULT_METRICS, min_length=1)
    formats: tuple[Format, ...] = Field(default=("parquet",), min_length=1)


class Series(Contract):
    """One metric with one set of dimensions."""

    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...]
    """Sorted by name."""


class Query(Contract):
    """One statistic of one series."""

    series: Series
    statistic: str
    unit: str | None = None


class DataRequest(Contract):
    """One `GetMetricData` call and the file that it becomes: a day of a namespace, or a part of it."""

    date: str
    namespace: str
    part: int
    start: datetime
    end: datetime
    period: int
    queries: tuple[Query, ...]


class Shard(Contract):
    """What one `export_shard` task does: a list of requests, worked off a few at a time."""

    export_id: str
    formats: tuple[Format, ...]
    requests: tuple[DataRequest, ...]


class Partition(Contract):
    """One UTC day of one namespace: what an export replaces as a whole."""

    date: str
    namespace: str


class ExportPlan(Contract):
    """What an export set out to do; `finish_export` holds the results against it."""

    export_id: str
    start: datetime
    end: datetime
    period: int
    formats: tuple[Format, ...]
    partitions: tuple[Partition, ...]
    requests: int
    queries: int


class PlanExportOutput(Contract):
    """Where the plan and its shards lie. URIs only: a plan may be larger than a state payload."""

    export_id: str
    plan_uri: str
    shard_uris: tuple[str, ...]


class ExportShardInput(Contract):
    """One shard of a plan."""

    shard_uri: str


class ExportShardOutput(Contract):
    """Where the list of written files lies."""

    result_uri: str


class WrittenFile(Contract):
    """One file of the export."""

    uri: str
    format: Format
    datapoints: int
    bytes: int


class ShardResult(Contract):
    """What a shard left behind."""

    requests: int
    datapoints: int
    files: tuple[WrittenFile, ...]


class FinishExportInput(Contract):
    """The plan, and the results of all its shards."""

    plan_uri: str
    result_uris: tuple[str, ...]


class FinishExportOutput(Contract):
    """What was exported, and where it lies."""

    export_id: str
    start: datetime
    end: datetime
    datapoints: int
    files: int
    bytes: int
    parquet_uri: str
    """Root of the partitioned table."""
    json_uri: str | None
    manifest_uri: str


class ExportManifest(Contract):
    """`<prefix>/_exports/<export>/_manifest.json`: what an export wrote and what it replaced."""

    plan: ExportPlan
    datapoints: int
    files: tuple[WrittenFile, ...]
    replaced: tuple[str, ...]
    """Files of earlier exports of the same partitions, now removed."""
