"""A dataset that is a query's result: what is due ends as a version, and as a run in the ledger."""

import io
import zipfile
from typing import Any

import pytest

from sluiceway.cli.query import ask, await_end
from sluiceway.cli.stage import Stage as Opened
from sluiceway.cli.stage import stage_of
from sluiceway.gateways.ledger import DatasetPointer, EventRecord, RunRecord
from tests.embedded.conftest import wait_for
from tests.embedded.stage import FLIGHT_DELAY, PROBE, Stage, points

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(900)]

DATABASE, MORE, PROJECT, DATASET = "sluiceway_local", "sluiceway_local_more", "queried", "queried-points"
NEVER = 'cron: "0 0 29 2 *"'
SQL = "SELECT x, y, label FROM raw_points WHERE x IS NOT NULL"
SLUICE_YAML = f"""
project: {PROJECT}
data:
  {DATASET}:
    query: {{sql_file: queries/points.sql, database: {DATABASE}, schedule: {{SCHEDULE}}}}
steps:
  prepare:
    parameters: {{data: "{{data.{DATASET}}}", output: "{{output}}"}}
    resources: {{vcpu: 0.5, memory: 1024}}
  train:
    parameters: {{prepared: "{{steps.prepare}}"}}
    resources: {{vcpu: 0.5, memory: 1024}}
model: {{step: train}}
evaluate: {{holdout: prepare/holdout.parquet, target: label, metrics: [accuracy, log_loss]}}
gate: {{metric: accuracy, minimum: 0.5}}
deploy: null
"""


def archive(sql: str = SQL, *, schedule: str = NEVER, project: str = PROJECT) -> bytes:
    """The probe project, on the result of a query that is due at some time."""
    files = {name: (PROBE / name).read_text() for name in ("MLproject", "train.py")}
    files |= {name: (FLIGHT_DELAY / name).read_text() for name in ("python_env.yaml", "requirements.txt")}
    read = (PROBE / "prepare.py").read_text()
    files["prepare.py"] = read.replace("read_csv", "read_parquet").replace("*.csv", "*.parquet")
    files |= {"MLproject": files["MLproject"].replace("name: probe", f"name: {project}")}
    sluice_yaml = SLUICE_YAML.replace("SCHEDULE", schedule)
    sluice_yaml = sluice_yaml.replace(f"project: {PROJECT}", f"project: {project}")
    files |= {"sluice.yaml": sluice_yaml, "queries/points.sql": sql}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return buffer.getvalue()


def make_table(stage: Stage) -> None:
    """A table over objects of another dataset, as an analyst of the stage makes it, in two databases."""
    glue = stage.cloud.client("glue")
    columns = [
        {"Name": "x", "Type": "double"},
        {"Name": "y", "Type": "double"},
        {"Name": "label", "Type": "int"},
    ]
    location = f"s3://{stage.settings['uploads_bucket']}/data/raw-points/"
    table = {
        "Name": "raw_points",
        "StorageDescriptor": {"Columns": columns, "Location": location},
        "Parameters": {"classification": "csv", "skip.header.line.count": "1"},
    }
    for database in (DATABASE, MORE):
        glue.create_database(DatabaseInput={"Name": database})
        glue.create_table(DatabaseName=database, TableInput=table)


@pytest.fixture(scope="module")
def due_run(stage: Stage) -> RunRecord:
    """The run that a push of the project leads to, a minute later: then its schedule is due."""
    make_table(stage)
    stage.put("data/raw-points/first.csv", points(400))

    def push() -> None:
        stage.put(f"code/{PROJECT}/push.zip", archive(schedule="interval: 1m"))
        wait_for(lambda: stage.ledger.dataset_pointer(DATASET) is not None, seconds=240)

    return stage.next_run(PROJECT, push)


def latest(stage: Stage) -> DatasetPointer:
    """The dataset's latest version."""
    pointer = stage.ledger.dataset_pointer(DATASET)
    assert pointer is not None
    return pointer


def opened(stage: Stage) -> Opened:
    """The stage, as the command opens it."""
    return stage_of("local", stage.client)


def asked(stage: Stage) -> EventRecord:
    """`sluice data query`, to its end."""
    command = opened(stage)
    ended = await_end(stage.ledger, ask(command, DATASET), seconds=120)
    assert ended is not None
    return ended


def test_a_due_schedule_becomes_a_version_and_a_run(stage: Stage, due_run: RunRecord) -> None:
    """Scheduler, Athena, Parquet, a settled dataset, a trained model: nobody has uploaded anything."""
    assert (due_run.status, due_run.reason) == ("SUCCEEDED", due_run.reason)
    assert due_run.dataset_versions == {DATASET: latest(stage).version}
    *_, first = (event for event in stage.ledger.events() if event.event == "QueryAsked")
    assert (first.outcome, first.project) == ("requested", PROJECT)


def test_the_same_rows_train_nothing(stage: Stage, due_run: RunRecord) -> None:
    """The table's files are others, their rows in another order: nothing is written, nothing runs."""
    before, runs = latest(stage), len(stage.runs(PROJECT))
    lines = points(400).splitlines()
    stage.put("data/raw-points/first.csv", b"\n".join([lines[0], *reversed(lines[1:])]))
    ended = asked(stage)
    assert (ended.outcome, ended.reason) == ("unchanged", "the same 400 rows as before")
    assert latest(stage) == before
    assert len(stage.runs(PROJECT)) == runs


def test_other_rows_are_another_version(stage: Stage, due_run: RunRecord) -> None:
    """And one more run."""
    before = latest(stage).version

    def add() -> None:
        stage.put("data/raw-points/second.csv", points(100, offset=400))
        asked(stage)

    second = stage.next_run(PROJECT, add)
    assert second.status in ("SUCCEEDED", "REJECTED")
    assert second.dataset_versions[DATASET] == latest(stage).version != before


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT nothing FROM raw_points", "nothing"),
        ("SELECT * FROM other_database.secrets", "other_database"),
        ("SELECT 1 AS a, 2 AS a", "twice"),
        (f"SELECT x FROM {MORE}.raw_points WHERE x > 9", "no rows"),
    ],
)
def test_a_query_that_makes_no_data_is_a_failed_run_with_the_reason(
    stage: Stage, due_run: RunRecord, sql: str, words: str
) -> None:
    """The dataset stays as it was."""
    glue: Any = stage.cloud.client("glue")
    if not any(each["Name"] == "other_database" for each in glue.get_databases()["DatabaseList"]):
        glue.create_database(DatabaseInput={"Name": "other_database"})
        descriptor = {"Columns": [{"Name": "a", "Type": "int"}], "Location": "s3://elsewhere/secrets/"}
        glue.create_table(
            DatabaseName="other_database", TableInput={"Name": "secrets", "StorageDescriptor": descriptor}
        )
    before = latest(stage)
    stage.put(f"code/{PROJECT}/push.zip", archive(sql))
    wait_for(lambda: _collected(stage, sql), seconds=60)
    failed = stage.next_run(PROJECT, lambda: asked(stage) and None)
    assert failed.status == "FAILED"
    assert words in failed.reason
    assert latest(stage) == before


def _collected(stage: Stage, sql: str) -> bool:
    pointer = stage.ledger.code_pointer(PROJECT)
    assert pointer is not None
    from sluiceway.projects.archive import open_archive

    bucket, _, key = pointer.uri.removeprefix("s3://").partition("/")
    body = stage.cloud.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return open_archive(body).read("queries/points.sql").decode() == sql


def test_a_dataset_has_one_query(stage: Stage, due_run: RunRecord) -> None:
    """Of two projects neither is asked, and both see why: their results would replace each other for ever."""
    other = "queried-too"
    files = archive(project=other)
    stage.put(f"code/{other}/push.zip", files)
    wait_for(lambda: stage.ledger.code_pointer(other) is not None, seconds=60)
    failed = stage.next_run(other, lambda: asked(stage) and None)
    assert failed.status == "FAILED"
    assert f"{PROJECT}, {other}" in failed.reason
