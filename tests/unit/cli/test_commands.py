"""The commands, as a shell runs them."""

import json

import pytest
from typer.testing import CliRunner

from sluiceway.cli.history import nested_arn
from sluiceway.cli.main import app
from sluiceway.gateways.records import EndpointRecord
from tests.fakes.stage import SETTINGS, history


@pytest.fixture
def sluice():
    """Run the command; returns exit code, output and errors."""
    return lambda *arguments, **options: CliRunner().invoke(app, list(arguments), **options)


@pytest.fixture
def endpoint(fake) -> None:
    record = EndpointRecord(
        project="flights",
        endpoint="sluiceway-dev-flights",
        model_version="1",
        image_tag="t",
        artifact_uri="s3://a/b",
        deployment_id="d",
        run_id="r",
        moved_at="2026-11-21T12:00:00.000Z",
    )
    fake.ledger.move_endpoint(record, replacing=None)


def test_runs_are_listed_newest_first_as_json(sluice, fake, claim):
    """Programs read what people see."""
    claim("flights-1", at="2026-11-21T12:00:00.000Z")
    claim("flights-2", at="2026-11-21T12:00:01.000Z")
    listed = json.loads(sluice("runs", "--json").stdout)
    assert [run["run_id"] for run in listed] == ["flights-2", "flights-1"]


def test_an_empty_list_is_said_on_the_error_stream(sluice, fake):
    """Standard output stays empty for programs."""
    result = sluice("runs")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "no runs yet" in result.stderr


def test_a_run_that_does_not_exist_suggests_the_nearest(sluice, fake, claim):
    """No traceback, and the way on."""
    claim("flights-0123456789ab")
    result = sluice("watch", "flights-0123456789ac")
    assert result.exit_code == 1
    assert "did you mean flights-0123456789ab or flights?" in result.stderr


@pytest.mark.parametrize(("status", "code"), [("SUCCEEDED", 0), ("FAILED", 1), ("REJECTED", 1)])
def test_watch_ends_with_the_runs_end_state(sluice, fake, claim, status, code):
    """A script may rely on the exit code; the project's name means its latest run."""
    claim("flights-1")
    fake.ledger.finish_run(
        "flights-1", status=status, reason="because", owner="t", at="2026-11-21T12:00:05.000Z"
    )
    result = sluice("watch", "flights")
    assert result.exit_code == code
    assert f"{status} after 5.0 s: because" in result.stdout


def test_logs_of_one_step(sluice, fake, claim):
    """Only the lines of its job."""
    claim("flights-1")
    for step in ("prepare", "train"):
        fake.batch.add(f"flights-1-{step}", "SUCCEEDED")
        fake.logs.lines[f"stream-flights-1-{step}"] = [f"{step} says"]
    assert sluice("logs", "flights-1", "--step", "train").stdout == "00:00:00 train says\n"
    assert "did you mean train?" in sluice("logs", "flights-1", "--step", "trian").stderr


def test_a_folder_is_pushed_whole_and_declared_complete(sluice, fake, tmp_path):
    """`_SUCCESS` comes last, so that the dataset settles at once; hidden files stay behind."""
    for name in ("a.csv", "sub/b.csv", ".hidden"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    assert sluice("push", "data", "flights", str(tmp_path)).exit_code == 0
    keys = [key for _, key in fake.s3.objects]
    assert keys[-1] == "data/flights/_SUCCESS"
    assert set(keys[:-1]) == {"data/flights/a.csv", "data/flights/sub/b.csv"}


@pytest.mark.parametrize(
    ("name", "path", "message"), [("Flights!", ".", "not valid"), ("flights", "nowhere", "no such")]
)
def test_data_that_cannot_be_pushed_is_refused(sluice, fake, name, path, message):
    """Before anything is uploaded."""
    result = sluice("push", "data", name, path)
    assert (result.exit_code, fake.s3.objects) == (1, {})
    assert message in result.stderr


def test_rows_are_sent_under_the_type_of_their_file(sluice, fake, endpoint, tmp_path):
    """JSON, CSV and Parquet are told apart by the extension."""
    rows = tmp_path / "rows.csv"
    rows.write_text("a\n1\n")
    result = sluice("invoke", "flights", "--data", str(rows))
    assert result.stdout == '{"predictions": [1]}\n'
    assert fake.endpoints.asked[0]["ContentType"] == "text/csv"
    assert fake.endpoints.asked[0]["EndpointName"] == "sluiceway-dev-flights"


def test_a_project_without_endpoint_is_told_from_a_misspelt_one(sluice, fake, endpoint):
    """The nearest project with an endpoint is suggested."""
    assert "did you mean flights?" in sluice("invoke", "flihgts", input="{}").stderr


def test_an_export_that_failed_tells_the_reason_of_its_task(sluice, fake):
    """The error message, not Lambda's envelope around it."""
    cause = json.dumps({"errorType": "InvalidTimeRange", "errorMessage": "end and minutes were both given"})
    fake.states.outcomes = [{"status": "RUNNING"}, {"status": "FAILED", "error": "E", "cause": cause}]
    result = sluice("export", "--end", "2026-11-21", "--minutes", "5")
    assert (result.exit_code, "end and minutes were both given" in result.stderr) == (1, True)


def test_an_export_without_a_range_covers_the_last_hour(sluice, fake):
    """What one wants to see when trying it."""
    fake.states.outcomes = [{"status": "FAILED", "error": "E"}]
    sluice("export")
    assert json.loads(fake.states.started[0]["input"]) == {"minutes": 60}


def test_the_command_needs_no_credentials_to_explain_itself(sluice):
    """Help and usage errors never ask AWS."""
    assert sluice("--help").exit_code == 0
    assert sluice("runs", "--limit", "0").exit_code == 2


def test_a_state_machine_that_is_running_is_shown_with_its_states(sluice, fake, claim):
    """The history of the execution is read by the run's name."""
    claim("flights-1", execution_arn=nested_arn(SETTINGS.run_pipeline_arn, "flights-1"))
    fake.states.histories["flights-1"] = history(("TaskStateEntered", "PlanRun"), "ExecutionFailed")
    fake.ledger.finish_run(
        "flights-1", status="FAILED", reason="broken", owner="t", at="2026-11-21T12:00:05.000Z"
    )
    assert "PlanRun ✗" in sluice("watch", "flights-1").stdout
