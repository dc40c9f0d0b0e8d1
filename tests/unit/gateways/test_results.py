"""A query's result in S3, and its columns in Athena."""

import boto3
import pytest
from botocore.stub import Stubber

from sluiceway.errors import LostRace
from sluiceway.gateways.queries import AthenaQueries, Column
from sluiceway.gateways.results import S3Results, Standing
from tests.fakes.stubs import KEYS

PLACE = {"Bucket": "uploads", "Key": "data/daily/result.parquet"}
BODY = PLACE | {"Body": b"rows", "ContentType": "application/vnd.apache.parquet"}
NOTED = {"rows": "abc", "event": "q1"}


def _s3() -> tuple[S3Results, Stubber]:
    client = boto3.client("s3", region_name="eu-west-1", **KEYS)
    stub = Stubber(client)
    stub.activate()
    return S3Results(client), stub


def test_what_stands_is_told_by_its_metadata() -> None:
    """An object that somebody else uploaded has none: it is nobody's result."""
    results, stub = _s3()
    stub.add_response("head_object", {"ETag": '"e"', "Metadata": NOTED}, PLACE)
    stub.add_response("head_object", {"ETag": '"f"', "Metadata": {}}, PLACE)
    stub.add_client_error("head_object", "404", expected_params=PLACE)
    found = [results.standing(**_names()) for _ in range(3)]
    assert found == [Standing('"e"', "abc", "q1"), Standing('"f"', "", ""), None]


def _names() -> dict[str, str]:
    return {"bucket": PLACE["Bucket"], "key": PLACE["Key"]}


@pytest.mark.parametrize(
    ("seen", "condition"), [(None, {"IfNoneMatch": "*"}), (Standing('"e"', "", ""), {"IfMatch": '"e"'})]
)
def test_only_what_was_seen_is_replaced(seen: Standing | None, condition: dict[str, str]) -> None:
    """By S3's conditional writes; whoever was overtaken reads again."""
    results, stub = _s3()
    stub.add_response("put_object", {}, BODY | condition | {"Metadata": NOTED})
    results.replace(**_names(), body=b"rows", rows="abc", event_id="q1", instead_of=seen)
    for code in ("PreconditionFailed", "ConditionalRequestConflict"):
        stub.add_client_error("put_object", code)
        with pytest.raises(LostRace, match="was replaced"):
            results.replace(**_names(), body=b"rows", rows="abc", event_id="q1", instead_of=seen)


def test_columns_come_with_their_types() -> None:
    """One row is asked for: the others are read where Athena wrote them."""
    client = boto3.client("athena", region_name="eu-west-1", **KEYS)
    info = [{"Name": "n", "Type": "decimal", "Precision": 9, "Scale": 2}, {"Name": "t", "Type": "varchar"}]
    answer = {"ResultSet": {"ResultSetMetadata": {"ColumnInfo": info}}}
    with Stubber(client) as stub:
        stub.add_response("get_query_results", answer, {"QueryExecutionId": "id", "MaxResults": 1})
        assert AthenaQueries(client).columns("id") == [Column("n", "decimal", 9, 2), Column("t", "varchar")]
