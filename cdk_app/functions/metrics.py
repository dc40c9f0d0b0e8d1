"""Functions that export CloudWatch metrics to Parquet."""

from cdk_app.functions.spec import Foundation, FunctionSpec
from cdk_app.statements import allow, listing, objects

METRICS_PREFIX = "metrics"


def plan_export(on: Foundation) -> FunctionSpec:
    """Finds the series; CloudWatch has no resources for its reads."""
    return FunctionSpec(
        name="metrics/plan_export",
        does="Find the metrics and cut the export into shards",
        timeout_seconds=300,
        memory_mib=1024,
        environment=_environment(on),
        may=[
            allow("cloudwatch:ListMetrics", on="*"),
            allow("s3:PutObject", on=objects(on.storage.artifacts, f"{METRICS_PREFIX}/*")),
            # Days of over two weeks ago are exported once: CloudWatch no longer lists all of their series.
            listing("s3:ListBucket", on.storage.artifacts, f"{METRICS_PREFIX}/*"),
        ],
    )


def export_shard(on: Foundation) -> FunctionSpec:
    """Fetches and writes one shard; needs Arrow."""
    return FunctionSpec(
        name="metrics/export_shard",
        does="Fetch one shard's points and write them as Parquet",
        timeout_seconds=600,
        memory_mib=1769,
        layers=("runtime", "arrow"),
        environment=_environment(on),
        may=[
            allow("cloudwatch:GetMetricData", on="*"),
            allow("s3:GetObject", "s3:PutObject", on=objects(on.storage.artifacts, f"{METRICS_PREFIX}/*")),
        ],
    )


def finish_export(on: Foundation) -> FunctionSpec:
    """Checks that no shard is missing."""
    return FunctionSpec(
        name="metrics/finish_export",
        does="Check the shards and write what the export holds",
        timeout_seconds=60,
        environment=_environment(on),
        may=[
            # A day is replaced as a whole: what an earlier export wrote beyond this one goes.
            allow(
                "s3:GetObject",
                "s3:PutObject",
                "s3:DeleteObject",
                on=objects(on.storage.artifacts, f"{METRICS_PREFIX}/*"),
            ),
            listing("s3:ListBucket", on.storage.artifacts, f"{METRICS_PREFIX}/*"),
        ],
    )


def _environment(on: Foundation) -> dict[str, str]:
    return {"ARTIFACTS_BUCKET": on.storage.artifacts.bucket_name, "METRICS_PREFIX": METRICS_PREFIX}
