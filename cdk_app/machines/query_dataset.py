"""One query, whose result becomes a dataset."""

from aws_cdk import aws_iam as iam
from constructs import IConstruct

from cdk_app.constructs.query_workgroup import RESULTS_PREFIX
from cdk_app.functions.spec import Foundation
from cdk_app.machines.spec import Functions, MachineSpec, only
from cdk_app.settings import StageSettings
from cdk_app.statements import allow, arn, listing, objects


def query_dataset(
    scope: IConstruct, on: Foundation, functions: Functions, *, settings: StageSettings
) -> MachineSpec:
    """Athena reads and writes as this machine: what queries may see is what its role may."""
    return MachineSpec(
        name="query_dataset",
        calls=only(functions, "PublishQuery", "FailQuery"),
        fills={"ResultsBucket": on.storage.artifacts.bucket_name},
        may=[
            allow(
                "athena:StartQueryExecution",
                "athena:StopQueryExecution",
                "athena:GetQueryExecution",
                on=workgroups(scope, settings),
            ),
            *_write_results(on),
            *_read_catalog(scope, settings),
            *_read_data(scope, on, settings),
        ],
    )


def workgroups(scope: IConstruct, settings: StageSettings) -> list[str]:
    """The stage's own, and those that its settings allow beside it."""
    names = (settings.resource_prefix, *settings.query_workgroups)
    return [arn(scope, "athena", f"workgroup/{name}") for name in names]


def _write_results(on: Foundation) -> list[iam.PolicyStatement]:
    """Athena writes large results in parts."""
    artifacts = on.storage.artifacts
    return [
        allow("s3:GetBucketLocation", on=artifacts.bucket_arn),
        allow(
            "s3:PutObject",
            "s3:AbortMultipartUpload",
            "s3:ListMultipartUploadParts",
            on=objects(artifacts, f"{RESULTS_PREFIX}/*"),
        ),
    ]


def _read_catalog(scope: IConstruct, settings: StageSettings) -> list[iam.PolicyStatement]:
    """Glue asks for the catalog, the database and the table. Athena looks at `default` for every query."""
    own = f"sluiceway_{settings.stage}"
    names = (own, f"{own}_*", *settings.query_databases)
    databases = [arn(scope, "glue", f"database/{name}") for name in names]
    tables = [arn(scope, "glue", f"table/{name}/*") for name in names]
    catalog, default = arn(scope, "glue", "catalog"), arn(scope, "glue", "database/default")
    return [
        allow("glue:GetDatabase", on=[catalog, default, *databases]),
        allow(
            "glue:GetTable",
            "glue:GetPartition",
            "glue:GetPartitions",
            "glue:BatchGetPartition",
            on=[catalog, *databases, *tables],
        ),
    ]


def _read_data(scope: IConstruct, on: Foundation, settings: StageSettings) -> list[iam.PolicyStatement]:
    """Datasets of the stage, and what its settings name: `bucket`, or `bucket/prefix`."""
    uploads = on.storage.uploads
    found = [
        allow("s3:GetObject", on=objects(uploads, "data/*")),
        listing("s3:ListBucket", uploads, "data/*"),
    ]
    for place in settings.query_buckets:
        bucket, _, prefix = place.partition("/")
        below = f"{prefix}/*" if prefix else "*"
        bucket_arn = f"arn:{_partition(scope)}:s3:::{bucket}"
        found.append(allow("s3:GetObject", on=f"{bucket_arn}/{below}"))
        found.append(allow("s3:ListBucket", on=bucket_arn, when={"StringLike": {"s3:prefix": [below]}}))
    return found


def _partition(scope: IConstruct) -> str:
    return arn(scope, "s3", "x").split(":")[1]
