"""Export one shard of a plan to Parquet."""

from lambdas.runtime import FunctionEnvironment, client, environment, task
from sluiceway.gateways import cloudwatch
from sluiceway.gateways.objects import S3Objects
from sluiceway.metrics.contracts import ExportShardInput, ExportShardOutput
from sluiceway.metrics.export_shard import ShardExporter


class Environment(FunctionEnvironment):
    """Where exports go."""

    artifacts_bucket: str
    metrics_prefix: str


@task(ExportShardInput)
def handler(given: ExportShardInput) -> ExportShardOutput:
    """Task of export_metrics, once for each shard."""
    settings = environment(Environment)
    exporter = ShardExporter(
        metrics=cloudwatch.connect(),
        objects=S3Objects(client("s3")),
        bucket=settings.artifacts_bucket,
        prefix=settings.metrics_prefix,
    )
    return exporter.export(given)
