"""What failed is done after all, once: dead letters and runs, by the `sluice` command."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

from embedded.hook import faults
from embedded.hook.faults import Fault, FaultPlan
from sluiceway.cli import events as events_command
from sluiceway.cli import redrive as redrive_command
from sluiceway.cli import replay as replay_command
from sluiceway.cli import why as why_command
from sluiceway.cli.main import app
from sluiceway.cli.stage import Stage as Opened
from sluiceway.cli.stage import stage_of
from sluiceway.gateways.ledger import RunRecord
from tests.embedded.conftest import wait_for
from tests.embedded.stage import Stage, probe_archive, replaced

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(900)]
LOST = "Object Created code/probe/lost.zip"


@pytest.fixture
def sluice(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    """Run the command; returns what it printed."""
    opened: Opened = stage_of("local", stage.client)
    for module in (events_command, redrive_command, replay_command, why_command):
        monkeypatch.setattr(module, "open_stage", lambda _: opened)

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code == 0, result.output
        return result.stdout

    return run


def letters(sluice, queue: str) -> list[str]:
    listed = json.loads(sluice("redrive", queue, "--dead-letters", "--dry-run", "--json"))
    return [letter["about"] for letter in listed]


@contextmanager
def attributes(stage: Stage, queue: str, **changed: str) -> Iterator[None]:
    """A work queue with other settings for a while."""
    sqs = stage.cloud.client("sqs")
    (url,) = [url for url in sqs.list_queues()["QueueUrls"] if f"{queue}Queue" in url]
    names = list(changed)
    before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes=changed)
    yield
    sqs.set_queue_attributes(QueueUrl=url, Attributes=before)


def test_an_upload_whose_event_found_no_way_is_collected_when_it_is_redriven(
    stage: Stage, first_run: RunRecord, sluice
) -> None:
    """EventBridge may not send to the queue for a while: its letter holds the event."""
    archive = probe_archive(replaced("train.py", "LogisticRegression()", "LogisticRegression(C=7.0)"))
    with attributes(stage, "Uploads", Policy=""):
        stage.put("code/probe/lost.zip", archive)
        wait_for(lambda: LOST in letters(sluice, "triggers"), seconds=60)
    run = stage.next_run("probe", lambda: sluice("redrive", "triggers", "--dead-letters"))
    assert run.status in ("SUCCEEDED", "REJECTED")
    assert LOST not in letters(sluice, "triggers")


def test_a_message_that_failed_five_times_is_moved_back_and_takes_effect_once(
    stage: Stage, first_run: RunRecord, sluice
) -> None:
    """SQS moves it; the upload is recorded once, however often it was tried."""
    fault = {"name": "ledger", "action": "fail_before", "service": "dynamodb", "caller": "*CollectUploads*"}
    with attributes(stage, "Uploads", VisibilityTimeout="1"):
        with faults.injected(stage.cloud.state_dir, FaultPlan(faults=(Fault.model_validate(fault),))):
            stage.put("code/never/broken.zip", b"no zip")
            wait_for(lambda: len(letters(sluice, "uploads")) == 1, seconds=120)
        sluice("redrive", "uploads", "--dead-letters")
        wait_for(lambda: bool(stage.runs("never")), seconds=60)
    sluice("redrive", "--dead-letters")
    assert letters(sluice, "uploads") == []
    assert [run.status for run in stage.runs("never")] == ["FAILED"]
    assert "this is not a whole zip archive" in sluice("events", "--outcome", "refused")


def test_a_failed_run_is_tried_again_once_and_both_are_explained(
    stage: Stage, first_run: RunRecord, sluice
) -> None:
    """Its end state stands; the new run has the same inputs, and fails as it did."""
    broken = replaced("train.py", "model = Log", "raise RuntimeError('no luck')\nmodel = Log")
    failed = stage.next_run("probe", lambda: stage.put("code/probe/probe.zip", probe_archive(broken)))
    assert failed.status == "FAILED"
    again = stage.next_run("probe", lambda: sluice("redrive", failed.run_id))
    assert (again.status, again.rerun, again.code_version) == ("FAILED", 1, failed.code_version)
    assert f"was redriven before: requested: run {again.run_id}" in sluice("redrive", failed.run_id)
    assert stage.ledger.run(failed.run_id) == failed
    told = json.loads(sluice("why", again.run_id, "--json"))
    assert told["retry_of"] == failed.run_id
    states = {state["state"]: state for state in told["states"]}
    assert (states["train"]["progress"], states["prepare"]["progress"]) == ("failed", "done")
    assert states["BuildImage"]["progress"] == "done"
    assert "reused" in states["BuildImage"]["text"]


def test_todays_rules_decide_as_they_did(stage: Stage, first_run: RunRecord, sluice) -> None:
    """Everything that this session has decided is put through them once more, and nothing is asked again."""
    told = json.loads(sluice("replay", "--since", "1d", "--json"))
    assert told["decisions"] > 0
    assert (told["changed"], told["unreadable"], told["asked_again"]) == ([], [], [])


def test_a_run_is_explained_from_its_upload_to_its_endpoint(
    stage: Stage, first_run: RunRecord, sluice
) -> None:
    """By ledger, history and scores."""
    told = json.loads(sluice("why", first_run.run_id, "--json"))
    assert [event["event"] for event in told["events"]][-1] in ("CodePushed", "DatasetVersioned")
    assert {state["progress"] for state in told["states"]} == {"done"}
    texts = {state["state"]: state["text"] for state in told["states"]}
    assert texts["EvaluateModels"].startswith("challenger ")
    assert first_run.run_id in sluice("why", first_run.run_id)
