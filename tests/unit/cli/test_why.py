"""`sluice why`."""

import json

import pytest
from typer.testing import CliRunner

from sluiceway.cli.main import app
from sluiceway.cli.why import with_scores
from sluiceway.gateways.ledger import RunFacts
from sluiceway.training.contracts import Score
from tests.fakes.samples import AT
from tests.fakes.stage import history
from tests.fakes.world import World


@pytest.fixture
def world(fake) -> World:
    """Uploads and runs on the ledger of the stage that the command opens."""
    world = World()
    object.__setattr__(fake.stage, "ledger", world.ledger)
    return world


@pytest.fixture
def why(world):
    """Run the command; returns what it printed."""
    return lambda *words: CliRunner().invoke(app, ["why", *words]).stdout


def test_a_run_is_told_from_its_first_event_to_its_end(world, why):
    """Upload, version, decision, inputs, states, end: from the ledger alone."""
    run = world.started()
    world.ledger.begin_run(run.run_id, at=AT, facts=RunFacts(image_tag="ab" * 32))
    world.ledger.finish_run(run.run_id, "FAILED", reason="step train: no column", owner="t", at=AT)
    told = why(run.run_id)
    for words in ("ObjectCreated", "DatasetSettled", "DatasetVersioned", "latest then", "PlanRun"):
        assert words in told
    assert f"`sluice redrive {run.run_id}` tries it again" in told
    assert "step train: no column" in told


def test_what_an_execution_did_is_told_while_step_functions_remembers_it(world, why, fake):
    """Each state with its time, and each step by its name."""
    run = world.started()
    steps = [("TaskStateEntered", "RunStep"), ("TaskStateExited", "RunStep")]
    fake.states.histories[run.run_id] = history(("MapStateEntered", "RunSteps"), *steps, *steps)
    states = {state["state"]: state for state in json.loads(why("--json"))["states"]}
    assert (states["train"]["progress"], states["train"]["seconds"]) == ("done", 1.0)
    assert states["train"]["within"] == "RunSteps"
    assert states["RunSteps"]["progress"] == "running"
    assert states["PlanRun"]["progress"] == "not reached"


def test_an_event_that_started_nothing_is_told_with_its_reason(world, why):
    """A refused upload, and one whose project lacks a dataset."""
    refused, waiting = world.push_code(sluice_yaml="x: 1"), world.push_code()
    world.deliver(refused)
    world.deliver(waiting)
    assert "sluice.yaml:1: project: is missing" in why(refused.event_id)
    told = why(waiting.event_id)
    assert "there is no version yet of the dataset flights" in told
    assert "no flights" in told


def test_the_beginning_of_an_id_is_enough_where_it_means_one_event(world, why):
    """What follows from an event begins as its id does, and is no other event."""
    world.deliver(world.push_code())
    world.deliver(world.push_data())
    assert "code/flight-delay/push.zip" in why("upload-1")
    result = CliRunner().invoke(app, ["why", "upload-"])
    assert (result.exit_code, "several events begin with 'upload-'" in result.stderr) == (1, True)


def test_what_is_neither_run_nor_event_suggests_the_nearest(world):
    """No traceback, and the way on."""
    run = world.started()
    result = CliRunner().invoke(app, ["why", f"{run.run_id[:-1]}x"])
    assert result.exit_code == 1
    assert f"did you mean {run.run_id}" in result.stderr


def test_the_evaluation_is_told_with_its_numbers(world, why):
    """Those of the challenger, and of the champion that it had to beat."""
    from sluiceway.triggers.explain_run import explain_run

    given = {"rows": 3, "sample_request": "{}", "sample_response": "{}"}
    scores = [
        Score(role="challenger", model_version=None, metrics={"roc_auc": 0.7123, "rmse": None}, **given),
        Score(role="champion", model_version="2", metrics={"roc_auc": 0.69}, **given),
    ]
    told = with_scores(explain_run(world.started(), world.ledger), scores)
    texts = [state.text for state in told.states if state.state == "EvaluateModels"]
    assert texts == ["challenger roc_auc 0.7123; champion 2 roc_auc 0.69"]


def test_where_nothing_has_run_yet_it_is_said(fake):
    """And not that a run of no name is missing."""
    result = CliRunner().invoke(app, ["why"])
    assert result.exit_code == 1
    assert "there are no runs yet" in result.stderr
