"""Athena over the wire: real SQL over real objects, under the caller's permissions, once for a token."""

import json
import time
from typing import Any
from uuid import uuid4

import pytest

from tests.embedded.conftest import CloudSession, allow, wait_for

pytestmark = pytest.mark.embedded

CARRIERS = b"carrier,delay\nUA,3\nAA,12\nUA,5\n"
SUM = "SELECT carrier, sum(delay) AS delay FROM flights GROUP BY carrier ORDER BY carrier"


class Place:
    """A bucket, a database with one table in it, and a workgroup."""

    def __init__(self, cloud: CloudSession) -> None:
        self.cloud, name = cloud, uuid4().hex[:12]
        self.bucket, self.database, self.workgroup = f"bucket-{name}", f"db_{name}", f"group-{name}"
        self.s3, glue = cloud.client("s3"), cloud.client("glue")
        self.s3.create_bucket(Bucket=self.bucket)
        self.s3.put_object(Bucket=self.bucket, Key="flights/a.csv", Body=CARRIERS)
        glue.create_database(DatabaseInput={"Name": self.database})
        columns = [{"Name": "carrier", "Type": "string"}, {"Name": "delay", "Type": "bigint"}]
        storage = {"Columns": columns, "Location": f"s3://{self.bucket}/flights/"}
        parameters = {"classification": "csv", "skip.header.line.count": "1"}
        table = {"Name": "flights", "StorageDescriptor": storage, "Parameters": parameters}
        glue.create_table(DatabaseName=self.database, TableInput=table)
        self._configure(cloud)

    def _configure(self, cloud: CloudSession) -> None:
        configuration = {
            "ResultConfiguration": {"OutputLocation": f"s3://{self.bucket}/results/"},
            "BytesScannedCutoffPerQuery": 10_000_000,
        }
        cloud.client("athena").create_work_group(Name=self.workgroup, Configuration=configuration)

    def request(self, sql: str = SUM, **more: Any) -> dict[str, Any]:
        """A request to start a query."""
        context = {"Database": self.database}
        return {"QueryString": sql, "QueryExecutionContext": context, "WorkGroup": self.workgroup} | more

    def role(self, *left_out: str) -> str:
        """A role that may do what a query takes, but for some actions."""
        actions = [
            "athena:StartQueryExecution", "athena:GetQueryExecution", "athena:StopQueryExecution",
            "athena:GetQueryResults", "glue:GetDatabase", "glue:GetTable", "s3:ListBucket", "s3:GetObject",
            "s3:PutObject", "s3:GetBucketLocation",
        ]  # fmt: skip
        return self.cloud.role(*(allow(action) for action in actions if action not in left_out))

    def ended(self, client: Any, query_id: str) -> dict[str, Any]:
        """A query, once it has ended."""

        def found() -> dict[str, Any]:
            return dict(client.get_query_execution(QueryExecutionId=query_id)["QueryExecution"])

        wait_for(lambda: found()["Status"]["State"] in ("SUCCEEDED", "FAILED", "CANCELLED"))
        return found()


@pytest.fixture(scope="module")
def place(cloud_session: CloudSession) -> Place:
    """One for all tests."""
    return Place(cloud_session)


def _run(place: Place, sql: str = SUM, *, role: str | None = None) -> dict[str, Any]:
    client = place.cloud.client("athena", place.cloud.assume(role or place.role()))
    return place.ended(client, client.start_query_execution(**place.request(sql))["QueryExecutionId"])


def test_the_result_lies_where_the_execution_says(place: Place) -> None:
    """As CSV with every value in quotes; MiniStack writes it to `<id>.csv/<id>.csv`."""
    found = _run(place)
    location = found["ResultConfiguration"]["OutputLocation"]
    assert location == f"s3://{place.bucket}/results/{found['QueryExecutionId']}.csv"
    body = place.s3.get_object(Bucket=place.bucket, Key=location.partition(f"{place.bucket}/")[2])[
        "Body"
    ].read()
    assert body == b'"carrier","delay"\n"AA","12"\n"UA","8"\n'
    assert found["Statistics"]["DataScannedInBytes"] == len(CARRIERS)


def test_a_token_starts_one_query(place: Place) -> None:
    """botocore sends one with each retry; MiniStack starts a query for each."""
    client, token = place.cloud.client("athena"), uuid4().hex
    first, second = (
        client.start_query_execution(**place.request(), ClientRequestToken=token) for _ in range(2)
    )
    assert first["QueryExecutionId"] == second["QueryExecutionId"]
    with pytest.raises(client.exceptions.InvalidRequestException, match="Idempotent"):
        client.start_query_execution(**place.request("SELECT 1"), ClientRequestToken=token)


def test_a_workgroup_must_be_there(place: Place) -> None:
    """MiniStack runs the query in any."""
    client = place.cloud.client("athena")
    with pytest.raises(client.exceptions.InvalidRequestException, match="not found"):
        client.start_query_execution(**place.request() | {"WorkGroup": "nobodys"})


@pytest.mark.parametrize("action", ["glue:GetTable", "glue:GetDatabase", "s3:ListBucket", "s3:GetObject",
                                    "s3:PutObject", "s3:GetBucketLocation"])  # fmt: skip
def test_a_query_reads_and_writes_as_its_caller(place: Place, action: str) -> None:
    """MiniStack reads any table for anybody."""
    found = _run(place, role=place.role(action))
    assert found["Status"]["State"] == "FAILED"
    assert action.partition(":")[2].lower() in found["Status"]["StateChangeReason"].lower().replace(
        "objectsv2", "bucket"
    )


def test_what_fails_says_why(place: Place) -> None:
    """The reason stands in the execution."""
    found = _run(place, "SELECT nothing FROM flights")
    assert found["Status"]["State"] == "FAILED"
    assert "nothing" in found["Status"]["StateChangeReason"]


def test_a_query_that_scans_too_much_is_ended(place: Place) -> None:
    """By the limit of the workgroup, before all is read."""
    place.s3.put_object(
        Bucket=place.bucket, Key="flights/b.csv", Body=b"carrier,delay\n" + b"UA,1\n" * 2_100_000
    )
    try:
        found = _run(place)
    finally:
        place.s3.delete_object(Bucket=place.bucket, Key="flights/b.csv")
    assert found["Status"] | {"SubmissionDateTime": 0, "CompletionDateTime": 0} == {
        "State": "CANCELLED", "StateChangeReason": "Bytes scanned limit was exceeded",
        "SubmissionDateTime": 0, "CompletionDateTime": 0,
    }  # fmt: skip


def test_s3_is_read_by_tables_only(place: Place) -> None:
    """MiniStack reads any file of any bucket that a query names, whoever asks."""
    found = _run(place, f"SELECT * FROM 's3://{place.bucket}/flights/a.csv'")
    assert found["Status"]["State"] == "FAILED"


def test_a_query_can_be_stopped(place: Place) -> None:
    """And stays stopped."""
    client = place.cloud.client("athena")
    endless = place.request("SELECT count(*) FROM range(10000000000000) a, range(1000000) b")
    query_id = client.start_query_execution(**endless)["QueryExecutionId"]
    time.sleep(0.5)
    client.stop_query_execution(QueryExecutionId=query_id)
    assert place.ended(client, query_id)["Status"]["State"] == "CANCELLED"


def test_decimals_and_nothing_come_as_they_are(place: Place) -> None:
    """Precision and scale are the query's own."""
    client = place.cloud.client("athena")
    found = _run(place, "SELECT CAST(1.25 AS DECIMAL(9,3)) AS price, NULL AS nothing")
    answer = client.get_query_results(QueryExecutionId=found["QueryExecutionId"])["ResultSet"]
    price = answer["ResultSetMetadata"]["ColumnInfo"][0]
    assert (price["Type"], price["Precision"], price["Scale"]) == ("decimal", 9, 3)
    assert answer["Rows"][1]["Data"] == [{"VarCharValue": "1.250"}, {}]


def _machine(place: Place, role: str) -> str:
    task = {
        "Type": "Task", "Resource": "arn:aws:states:::athena:startQueryExecution.sync", "End": True,
        "Arguments": place.request("{% $states.input.sql %}"),
    }  # fmt: skip
    return place.cloud.machine({"StartAt": "Q", "States": {"Q": task}}, role=role)


def test_a_state_machine_waits_for_a_query(place: Place) -> None:
    """The result is the execution of the query; one that failed is `States.TaskFailed`, caused by it."""
    machine = _machine(place, place.role())
    done = place.cloud.run(machine, {"sql": SUM})
    output = json.loads(done["output"])["QueryExecution"]
    assert output["Status"]["State"] == "SUCCEEDED"
    assert output["ResultConfiguration"]["OutputLocation"].endswith(f"{output['QueryExecutionId']}.csv")
    failed = place.cloud.run(machine, {"sql": "SELECT nothing FROM flights"})
    assert (failed["status"], failed["error"]) == ("FAILED", "States.TaskFailed")
    assert "nothing" in json.loads(failed["cause"])["QueryExecution"]["Status"]["StateChangeReason"]


def test_a_state_machine_may_do_what_its_role_may(place: Place) -> None:
    """Starting is asked on the workgroup, under the name that AWS's SDK has for the refusal."""
    machine = _machine(place, place.role("athena:StartQueryExecution"))
    failed = place.cloud.run(machine, {"sql": SUM})
    assert failed["error"] in ("Athena.AccessDeniedException", "Athena.AmazonAthenaException")
