"""Reads back what an export left in S3, under the operator's role."""

from pathlib import Path
from shutil import rmtree
from typing import Any

import pyarrow.compute as pc
import pyarrow.dataset

from sluiceway.cli.export import read_manifest
from sluiceway.cli.stage import Stage
from sluiceway.metrics.contracts import FinishExportOutput
from sluiceway.names import split_s3_uri

METRICS = Path("build") / "demo" / "metrics"


def metrics(stage: Stage, done: FinishExportOutput, folder: Path = METRICS) -> Any:
    """The exported Parquet files as one table, read from a copy of the partitioned folder."""
    rmtree(folder, ignore_errors=True)
    _, root = split_s3_uri(done.parquet_uri)
    for file in read_manifest(stage, done).files:
        bucket, key = split_s3_uri(file.uri)
        path = folder / key.removeprefix(root)
        path.parent.mkdir(parents=True, exist_ok=True)
        stage.client("s3").download_file(bucket, key, str(path))
    return pyarrow.dataset.dataset(folder, partitioning="hive", format="parquet").to_table()


def totals(table: Any) -> list[tuple[str, str, int, float]]:
    """Namespace, metric, points and total of each metric's sums, in order."""
    sums = table.filter(pc.field("statistic") == "Sum")
    grouped = sums.group_by(["namespace", "metric"]).aggregate([("value", "count"), ("value", "sum")])
    rows = grouped.sort_by([("namespace", "ascending"), ("metric", "ascending")]).to_pylist()
    return [(row["namespace"], row["metric"], row["value_count"], row["value_sum"]) for row in rows]
