"""The `sluice` command under the operator's role; then every role of the template held against what it did.

Runs after the tests of the main job, whose good and bad ends are the record that is judged here.
"""

import io
import json
import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from embedded import lifecycle, session
from sluiceway.gateways.ledger import RunRecord
from tests.embedded.privileges import reviewed
from tests.embedded.stage import Stage, points, probe_archive

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(600)]
ROWS = '{"dataframe_split": {"columns": ["x", "y"], "data": [[0.9, 0.1]]}}'


def sluice(stage: Stage, *arguments: str, expect: int = 0, given: str | None = None) -> str:
    """What the command prints, under the operator's role."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    variables = lifecycle.client_variables(stage.cloud.state_dir) | session.variables(stage.cloud.state_dir)
    done = subprocess.run(
        [str(Path(sys.executable).parent / "sluice"), *arguments],
        env=inherited | variables,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == expect, f"sluice {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.mark.parametrize("listing", ["runs", "deployments", "datasets", "endpoints", "models"])
def test_every_listing_is_also_json(stage: Stage, first_run: RunRecord, listing: str) -> None:
    """For people a table, for programs JSON, with the same things in it."""
    named = "points" if listing == "datasets" else "probe"
    # Others have run much since: the newest twenty need not be of this project.
    words = (listing, "--limit", "1000") if listing in ("runs", "deployments") else (listing,)
    assert named in sluice(stage, *words)
    assert json.loads(sluice(stage, *words, "--json"))


def test_a_run_can_be_watched_and_its_logs_read(stage: Stage, first_run: RunRecord) -> None:
    """Also long after it has ended."""
    assert "SUCCEEDED" in sluice(stage, "watch", first_run.run_id)
    assert sluice(stage, "logs", first_run.run_id, "--step", "train").strip()
    assert "accuracy" in sluice(stage, "scores", first_run.run_id)


def test_an_unknown_run_is_a_clear_error(stage: Stage, first_run: RunRecord) -> None:
    """No traceback, exit code 1, and the nearest that there is."""
    answer = sluice(stage, "logs", first_run.run_id[:-1] + "x", expect=1)
    assert first_run.run_id in answer
    assert "Traceback" not in answer


def test_rows_from_a_pipe_are_answered(stage: Stage, first_run: RunRecord) -> None:
    """`sluice invoke` takes what MLflow's servers take."""
    answer = json.loads(sluice(stage, "invoke", "probe", "--data", "-", given=ROWS))
    assert answer["predictions"][0][-1] > 0.5


def test_code_and_data_are_pushed_by_the_command(stage: Stage, first_run: RunRecord, tmp_path: Path) -> None:
    """Two commands do what two plain uploads do."""
    code, data = tmp_path / "probe", tmp_path / "points"
    _unpack(probe_archive(), code)
    data.mkdir()
    (data / "pushed.csv").write_bytes(points(60, offset=77))
    (data / "more.csv").write_bytes(points(60, offset=99))
    sluice(stage, "push", "code", str(code))
    run = stage.next_run("probe", lambda: sluice(stage, "push", "data", "points", str(data)))
    assert run.status in ("SUCCEEDED", "REJECTED"), run.reason


def test_what_cloudwatch_holds_is_exported(stage: Stage, first_run: RunRecord) -> None:
    """To partitioned Parquet. The second export replaces the first: what it does not write goes away."""
    assert "s3://" in sluice(stage, "export", "--minutes", "60")
    bucket, first = stage.settings["artifacts_bucket"], _exported(stage)
    left_over = first[0].rpartition("/")[0] + "/part-of-a-larger-export.parquet"
    stage.cloud.client("s3").put_object(Bucket=bucket, Key=left_over, Body=b"stale")
    assert "s3://" in sluice(stage, "export", "--minutes", "60")
    assert left_over not in _exported(stage)
    table = pq.read_table(
        io.BytesIO(stage.client("s3").get_object(Bucket=bucket, Key=first[0])["Body"].read())
    )
    assert table.num_rows > 0


def test_days_of_long_ago_are_exported_once(stage: Stage, first_run: RunRecord) -> None:
    """CloudWatch no longer lists all of their series; what was exported then is kept."""
    day = datetime.now(UTC) - timedelta(days=40)
    span = ("--start", f"{day:%Y-%m-%d}T00:00:00Z", "--end", f"{day:%Y-%m-%d}T06:00:00Z")
    assert "s3://" in sluice(stage, "export", *span)


def _exported(stage: Stage) -> list[str]:
    found = stage.client("s3").list_objects_v2(Bucket=stage.settings["artifacts_bucket"], Prefix="metrics/")
    return [each["Key"] for each in found["Contents"] if each["Key"].endswith(".parquet")]


def test_the_export_is_started_by_its_schedule(stage: Stage, first_run: RunRecord) -> None:
    """Under the schedule's role: a twin of the schedule fires at once, once."""
    scheduler = stage.cloud.client("scheduler")
    (listed,) = scheduler.list_schedules(GroupName="sluiceway-local")["Schedules"]
    schedule = scheduler.get_schedule(Name=listed["Name"], GroupName=listed["GroupName"])
    soon = datetime.now(UTC) + timedelta(seconds=2)
    scheduler.create_schedule(
        Name=f"{listed['Name']}-twin"[:64],
        GroupName=listed["GroupName"],
        ScheduleExpression=f"at({soon:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        ActionAfterCompletion="DELETE",
        Target=schedule["Target"],
    )
    role = schedule["Target"]["RoleArn"]
    assert stage.cloud.calls_of(role, action="states:StartExecution")[0].allowed


def test_no_role_may_more_than_it_does_nor_less_than_it_needs(stage: Stage, first_run: RunRecord) -> None:
    """What is granted was used, and what was tried is granted."""
    found = reviewed(stage.cloud, since=stage.deployed_at)
    assert found.is_clean, f"\n{found}"


def test_every_action_of_every_role_is_missed_when_it_goes(stage: Stage, first_run: RunRecord) -> None:
    """The mutation run: of machines, rules, schedules, mappings, functions, jobs, builds and endpoints."""
    state_dir = stage.cloud.state_dir
    arguments = ("--state", str(state_dir), "--since", str(stage.deployed_at))
    done = subprocess.run(
        [sys.executable, "-m", "embedded.privileges", *arguments, "--template", str(state_dir / "cdk.out")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def _unpack(archive: bytes, folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(archive)) as content:
        content.extractall(folder)
