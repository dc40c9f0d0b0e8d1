"""Check an export and write what it holds."""

from lambdas.runtime import FunctionEnvironment, client, environment, task
from sluiceway.gateways.objects import S3Objects
from sluiceway.metrics.contracts import FinishExportInput, FinishExportOutput
from sluiceway.metrics.finish_export import ExportFinisher


class Environment(FunctionEnvironment):
    """Where exports go."""

    artifacts_bucket: str
    metrics_prefix: str


@task(FinishExportInput)
def handler(given: FinishExportInput) -> FinishExportOutput:
    """Last task of export_metrics."""
    settings = environment(Environment)
    finisher = ExportFinisher(
        objects=S3Objects(client("s3")), bucket=settings.artifacts_bucket, prefix=settings.metrics_prefix
    )
    return finisher.finish(given)
