"""Plan an export of CloudWatch metrics."""

from datetime import UTC, datetime

from lambdas.runtime import FunctionEnvironment, client, environment, task
from sluiceway.gateways import cloudwatch
from sluiceway.gateways.objects import S3Objects
from sluiceway.metrics.contracts import PlanExportInput, PlanExportOutput
from sluiceway.metrics.plan_export import ExportPlanner


class Environment(FunctionEnvironment):
    """Where exports go."""

    artifacts_bucket: str
    metrics_prefix: str


@task(PlanExportInput)
def handler(given: PlanExportInput) -> PlanExportOutput:
    """Task of export_metrics."""
    settings = environment(Environment)
    planner = ExportPlanner(
        metrics=cloudwatch.connect(),
        objects=S3Objects(client("s3")),
        bucket=settings.artifacts_bucket,
        prefix=settings.metrics_prefix,
    )
    return planner.plan(given, now=datetime.now(UTC))
