"""Runs that somebody asks for: by the command, and by an event from another account."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sluiceway.gateways.ledger import EventRecord, RunRecord
from tests.embedded.asked_project import DATA, FEW, PROJECT, strength_of
from tests.embedded.asked_project import asked_run as asked_run
from tests.embedded.conftest import wait_for
from tests.embedded.deployed.test_privileges import sluice
from tests.embedded.stage import Stage
from tests.embedded.test_foreign_events import ForeignAccount

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(900)]


def ended(stage: Stage, *words: str, expect: int = 0) -> RunRecord:
    """The run that the command asked for and waited for."""
    told = json.loads(
        sluice(stage, "run", PROJECT, *words, "--wait", "--json", expect=expect).split("\n}\n")[0] + "}"
    )
    return stage.ledger.run(told["run_id"])


def test_a_run_of_chosen_steps_with_other_parameters(stage: Stage, asked_run: RunRecord) -> None:
    """From the command to the process that is given the value, and to the run's record."""
    version = asked_run.dataset_versions[DATA]
    words = ("--step", "train", "-P", "strength=3.5", "--dataset", f"{DATA}@{version[:9]}")
    run = ended(stage, *words, "--code", (asked_run.code_version or "")[:9])
    assert (run.status, run.model_version, run.steps) == ("SUCCEEDED", None, ("train",))
    assert (run.dataset_versions, run.parameters) == ({DATA: version}, {"strength": "3.5"})
    assert "only the steps that were asked for" in run.reason
    assert strength_of(stage, run.run_id) == 3.5
    assert "assumed-role" in (run.asked_by or "")


def test_the_same_is_run_again_only_by_force(stage: Stage, asked_run: RunRecord) -> None:
    """Without it, the answer names the run that there was."""
    first = ended(stage, "--step", "prepare")
    again = json.loads(sluice(stage, "run", PROJECT, "--step", "prepare", "--json"))
    assert (again["outcome"], again["run_id"]) == ("unchanged", first.run_id)
    forced = ended(stage, "--step", "prepare", "--force")
    assert (forced.status, forced.run_id != first.run_id) == ("SUCCEEDED", True)


def test_what_cannot_be_run_is_refused_with_the_reason(stage: Stage, asked_run: RunRecord) -> None:
    """By the stage itself; nothing is started."""
    assert "there are data, output, prepared, strength" in sluice(
        stage, "run", PROJECT, "-P", "strenght=1", expect=1
    )


def test_a_preview_is_judged_on_less_data_and_leaves_nothing(stage: Stage, asked_run: RunRecord) -> None:
    """Its scores can be read; model, alias and endpoint are as before."""
    live = stage.ledger.endpoint(PROJECT)
    run = ended(stage, "--preview")
    assert (run.status, run.model_version, run.deployed) == ("SUCCEEDED", None, False), run.reason
    assert list(run.dataset_versions) == [FEW]
    assert "champion" in (run.gate or "")
    assert "challenger" in sluice(stage, "scores", run.run_id)
    assert stage.ledger.endpoint(PROJECT) == live


def wish(stage: Stage, detail: dict[str, Any], **changes: str) -> dict[str, str]:
    """An entry of PutEvents as another account's program writes it."""
    account, region = stage.settings["run_pipeline_arn"].split(":")[4], "us-east-1"
    bus = f"arn:aws:events:{region}:{account}:event-bus/{stage.settings['event_bus']}"
    entry = {"EventBusName": bus, "Source": "com.example.planning", "DetailType": "RunAsked"}
    return entry | {"Detail": json.dumps({"project": PROJECT, **detail})} | changes


def test_a_trusted_account_asks_for_a_run_by_an_event(stage: Stage, asked_run: RunRecord) -> None:
    """Sent three times under its own id, it is one run."""
    foreign = ForeignAccount(stage.cloud).events()
    entry = wish(stage, {"event_id": "nightly-1", "steps": ["prepare"], "force": True, "asked_by": "planner"})

    def send() -> None:
        for _ in range(3):
            assert foreign.put_events(Entries=[entry])["FailedEntryCount"] == 0

    run = stage.next_run(PROJECT, send)
    assert (run.status, run.asked_by) == ("SUCCEEDED", "111122223333 planner")
    assert run.event_id.startswith("111122223333-")
    assert len([each for each in stage.runs(PROJECT) if each.event_id == run.event_id]) == 1


def test_a_wish_that_makes_no_sense_is_recorded_as_refused(stage: Stage, asked_run: RunRecord) -> None:
    """Nothing is lost, and nothing tried for ever."""
    foreign = ForeignAccount(stage.cloud).events()
    foreign.put_events(Entries=[wish(stage, {"stepz": ["train"]})])
    found: list[EventRecord] = []

    def recorded() -> bool:
        found.extend(each for each in stage.ledger.events("refused") if "stepz" in each.reason)
        return bool(found)

    wait_for(recorded, seconds=60)
    assert found[0].project == PROJECT
    assert "account 111122223333" in found[0].reason


@pytest.mark.parametrize("forged", [{"DetailType": "CodePushed"}, {"Source": "sluiceway"}])
def test_a_trusted_account_cannot_tell_facts(
    stage: Stage, asked_run: RunRecord, forged: dict[str, str]
) -> None:
    """The bus's policy lets it ask, and nothing else."""
    with pytest.raises(ClientError, match="not authorized to perform: events:PutEvents"):
        ForeignAccount(stage.cloud).events().put_events(Entries=[wish(stage, {}, **forged)])
