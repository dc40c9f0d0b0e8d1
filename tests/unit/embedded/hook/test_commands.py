"""`sluice local record` and `sluice local faults`."""

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import Result
from typer.testing import CliRunner

from embedded.hook import faults as running
from embedded.hook import plan
from embedded.hook.record import FILE, Check, Record, dump
from sluiceway.cli import local_hook
from sluiceway.cli.main import app

_HEADINGS = ["TIME", "(UTC)", "MS", "CALLER", "SERVICE", "OPERATION", "DECISION", "ANSWER", "RESOURCE"]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder with two calls on record, and no cloud."""
    allowed = Record(
        1_767_225_600.0,
        0.0125,
        "arn:aws:sts::1:assumed-role/PlanRun/s",
        True,
        "states.amazonaws.com",
        "lambda",
        "Invoke",
        resources=("arn:aws:lambda:::function:f",),
        decision="Allow",
        status=200,
        parameters={"FunctionName": "f"},
        checks=(Check("lambda:InvokeFunction", "arn:aws:lambda:::function:f", "Allow"),),
    )
    denied = Record(
        1_767_225_601.0,
        0.001,
        "arn:aws:iam::1:user/someone",
        False,
        "",
        "s3",
        "PutObject",
        decision="ImplicitDeny",
        status=403,
        error="AccessDenied",
    )
    (tmp_path / FILE).write_bytes(dump(allowed) + dump(denied))
    return tmp_path


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["local", *map(str, arguments)])


def test_the_record_is_shown_as_a_table(state: Path) -> None:
    """When, by whom and for whom, what, on what, and how it ended; the cloud need not be up."""
    lines = _run("record", "--state", state).output.splitlines()
    assert lines[0].split() == _HEADINGS
    row = "2026-01-01 00:00:00.000 12.5 PlanRun (states) lambda Invoke Allow 200 arn:aws:lambda:::function:f"
    assert lines[1].split() == row.split()
    assert lines[2].split()[-3:] == ["ImplicitDeny", "AccessDenied", "-"]


@pytest.mark.parametrize(
    ("options", "operations"),
    [
        (["--denied"], ["PutObject"]),
        (["--role", "Plan*"], ["Invoke"]),
        (["--service", "s3"], ["PutObject"]),
        (["--operation", "Inv*"], ["Invoke"]),
        (["--since", "2026-01-01T00:00:01"], ["PutObject"]),
        (["--since", "1s"], []),
    ],
)
def test_only_what_is_asked_for_is_shown(state: Path, options: list[str], operations: list[str]) -> None:
    """By time, caller, service, operation and refusal."""
    out = state / "out.jsonl"
    assert _run("record", "--state", state, *options, "--out", out).exit_code == 0
    assert [json.loads(line)["operation"] for line in out.read_text().splitlines()] == operations


def test_the_record_is_written_as_parquet(state: Path) -> None:
    """One row for each call, with what IAM was asked in it."""
    out = state / "out.parquet"
    assert "2 calls written" in _run("record", "--state", state, "--out", out).output
    rows = pq.read_table(out).to_pylist()
    assert [(row["caller"], row["status"]) for row in rows] == [("PlanRun", 200), ("someone", 403)]
    assert rows[0]["checks"][0]["action"] == "lambda:InvokeFunction"
    assert json.loads(rows[0]["parameters"]) == {"FunctionName": "f"}


def test_a_file_of_no_known_format_is_refused(state: Path) -> None:
    """Nothing is written."""
    result = _run("record", "--state", state, "--out", state / "out.csv")
    assert result.exit_code == 1
    assert "must end in .jsonl or .parquet" in result.output
    assert _run("record", "--state", state, "--since", "soon").exit_code == 2


class _Cloud:
    """A running cloud's plan."""

    def __init__(self) -> None:
        self.status = running.Status(False)

    def apply(self, _state: Path | None, found: plan.FaultPlan) -> None:
        outcomes = (running.Outcome(each.name, str(each.action), 0, 0) for each in found.faults)
        self.status = running.Status(True, tuple(outcomes))

    def show(self, _state: Path | None) -> running.Status:
        return self.status

    clear = show


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Cloud]:
    """The commands speak to it."""
    found = _Cloud()
    monkeypatch.setattr(local_hook, "running", found)
    return found


def test_a_plan_is_put_in_force_and_shown(cloud: _Cloud, tmp_path: Path) -> None:
    """An entry that matched nothing is pointed out, and fails the end of the plan."""
    path = tmp_path / "plan.yaml"
    path.write_text("faults:\n  - {name: queue is slow, service: sqs, action: throttle}\n")
    assert "in force: queue is slow" in _run("faults", "apply", path).output
    assert "0 injected of      0 matched  throttle" in _run("faults", "show").output
    ended = _run("faults", "clear")
    assert ended.exit_code == 1
    assert "matched no call, most likely a mistake: queue is slow" in ended.output


def test_a_plan_with_a_mistake_is_not_applied(cloud: _Cloud, tmp_path: Path) -> None:
    """The message says where it is."""
    path = tmp_path / "plan.yaml"
    path.write_text("faults:\n  - {name: a, action: explode}\n")
    result = _run("faults", "apply", path)
    assert result.exit_code == 1
    assert "faults[0].action (a):" in result.output
    assert not cloud.status.is_active
