"""Check an export and write what it holds."""

from lambdas.metrics.environment import MetricsEnvironment
from lambdas.runtime import client, environment, task
from sluiceway.gateways.objects import S3Objects
from sluiceway.metrics.contracts import FinishExportInput, FinishExportOutput
from sluiceway.metrics.finish_export import ExportFinisher


@task(FinishExportInput)
def handler(given: FinishExportInput) -> FinishExportOutput:
    """Last task of export_metrics."""
    settings = environment(MetricsEnvironment)
    finisher = ExportFinisher(
        objects=S3Objects(client("s3")), bucket=settings.artifacts_bucket, prefix=settings.metrics_prefix
    )
    return finisher.finish(given)
