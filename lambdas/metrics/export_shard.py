"""Export one shard of a plan to Parquet."""

from lambdas.metrics.environment import MetricsEnvironment
from lambdas.runtime import client, environment, task
from sluiceway.gateways import cloudwatch
from sluiceway.gateways.objects import S3Objects
from sluiceway.metrics.contracts import ExportShardInput, ExportShardOutput
from sluiceway.metrics.export_shard import ShardExporter


@task(ExportShardInput)
def handler(given: ExportShardInput) -> ExportShardOutput:
    """Task of export_metrics, once for each shard."""
    settings = environment(MetricsEnvironment)
    exporter = ShardExporter(
        metrics=cloudwatch.connect(),
        objects=S3Objects(client("s3")),
        bucket=settings.artifacts_bucket,
        prefix=settings.metrics_prefix,
    )
    return exporter.export(given)
