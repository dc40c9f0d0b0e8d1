"""Make a query's result the dataset."""

from lambdas.connections import ledger, objects
from lambdas.runtime import FunctionEnvironment, client, environment, task
from sluiceway.datasets.contracts import PublishQueryInput, QueryEnded
from sluiceway.datasets.publish_query import Publishing, publish_query
from sluiceway.gateways.queries import AthenaQueries
from sluiceway.gateways.results import S3Results


class Environment(FunctionEnvironment):
    """Environment variables of `publish_query`."""

    ledger_table: str
    uploads_bucket: str


@task(PublishQueryInput)
def handler(given: PublishQueryInput) -> QueryEnded:
    """Task of query_dataset."""
    settings = environment(Environment)
    outside = Publishing(
        ledger=ledger(settings.ledger_table),
        objects=objects(),
        queries=AthenaQueries(client("athena")),
        results=S3Results(client("s3")),
        uploads_bucket=settings.uploads_bucket,
    )
    return publish_query(given, outside)
