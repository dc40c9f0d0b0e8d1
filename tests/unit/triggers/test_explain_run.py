"""Why a run was made and how it went, from the ledger alone."""

import pytest

from sluiceway.gateways.ledger import RunFacts, RunRecord
from sluiceway.triggers.explain_run import explain_event, explain_run
from tests.fakes.samples import AT, SLUICE_YAML, deployment_record, image_record
from tests.fakes.world import World

IMAGE = "ab" * 32
LATER = "2026-11-21T12:30:00.000Z"


@pytest.fixture
def world() -> World:
    return World()


def ended(world: World, run: RunRecord, status: str, **facts: object) -> RunRecord:
    """The run after its end."""
    given = RunFacts.model_validate({"image_tag": IMAGE} | facts)
    world.ledger.begin_run(run.run_id, at=AT, facts=given)
    world.ledger.finish_run(run.run_id, status, reason="r", owner="t", at=LATER)  # type: ignore[arg-type]
    return world.ledger.run(run.run_id)


def progress(world: World, run: RunRecord) -> dict[str, str]:
    return {state.state: state.progress for state in explain_run(run, world.ledger).states}


def test_the_chain_begins_with_the_upload_and_ends_with_the_decision(world: World) -> None:
    """Each event's id is its cause's, and what followed: so each is found by its own key."""
    told = explain_run(world.started(), world.ledger)
    assert [event.event for event in told.events] == ["ObjectCreated", "DatasetSettled", "DatasetVersioned"]
    assert told.events[-1].situation is not None
    assert told.inputs.code is not None
    assert [dataset.dataset for dataset in told.inputs.datasets] == ["flights"]
    assert told.run is not None
    assert told.run.run_id.endswith((told.inputs.run_key or "")[:12])


def test_what_is_other_than_in_the_run_before_is_told(world: World) -> None:
    """Code, datasets, parameters and each setting of `sluice.yaml` by its path."""
    first = world.started()
    change = SLUICE_YAML.replace("minimum: 0.6", "minimum: 0.75, margin: 0.1")
    (decision,) = world.deliver(world.push_code(sluice_yaml=change))
    second = world.ledger.run(decision.run_id or "").model_copy(update={"requested_at": LATER})
    told = explain_run(second, world.ledger)
    assert told.before is not None
    assert told.before.run_id == first.run_id
    found = {each.what: (each.before, each.now) for each in told.differences}
    assert (found.pop("code"), found) == (
        (str(first.code_version)[:12], str(second.code_version)[:12]),
        {"config gate.minimum": ("0.6", "0.75"), "config gate.margin": (None, "0.1")},
    )


@pytest.mark.parametrize(
    ("status", "facts", "failed"),
    [
        ("FAILED", {"image_tag": None}, "PlanRun"),
        ("FAILED", {}, "BuildImage"),
        ("FAILED", {"image": True}, "RunSteps"),
        ("FAILED", {"image": True, "model_version": "3"}, "DecideGate"),
        ("FAILED", {"image": True, "model_version": "3", "gate": "passed: g"}, "DeployModel"),
        ("REJECTED", {"image": True, "model_version": "3", "gate": "rejected: g"}, None),
        ("SUCCEEDED", {"image": True, "model_version": "3", "gate": "passed: g", "deployed": True}, None),
    ],
)
def test_the_ledgers_facts_tell_how_far_a_run_came(
    world: World, status: str, facts: dict[str, object], failed: str | None
) -> None:
    """Also when Step Functions has forgotten the execution."""
    if facts.pop("image", False):
        world.ledger.record_image(image_record(tag=IMAGE, recorded_at=AT))
    found = progress(world, ended(world, world.started(), status, **facts))
    assert [state for state, how in found.items() if how == "failed"] == ([failed] if failed else [])
    states = list(found)
    after = states[states.index(failed) + 1 :] if failed else []
    assert {found[state] for state in after} <= {"not reached"}
    assert found["DeployModel"] == {"REJECTED": "left out", "SUCCEEDED": "done"}.get(
        status, found["DeployModel"]
    )


@pytest.mark.parametrize(
    ("recorded_at", "words"),
    [
        ("2026-11-20T12:00:00.000Z", "reused, built 2026-11-20"),
        ("2026-11-21T12:10:00.000Z", "built: the first of this project's environment"),
        ("2026-11-21T13:00:00.000Z", "was not there: the first of this project's environment"),
    ],
)
def test_an_image_was_reused_or_built_or_only_came_later(world: World, recorded_at: str, words: str) -> None:
    """By when it was recorded."""
    world.ledger.record_image(image_record(tag=IMAGE, recorded_at=recorded_at))
    run = ended(world, world.started(), "FAILED")
    texts = {state.state: state.text for state in explain_run(run, world.ledger).states}
    assert words in texts["BuildImage"]


def test_a_deployment_that_failed_says_why(world: World) -> None:
    """From the ledger of deployments, which keeps them for ever."""
    run = world.started()
    world.ledger.begin_deployment(deployment_record(deployment_id=run.run_id, run_id=run.run_id))
    world.ledger.finish_deployment(run.run_id, "FAILED", reason="the endpoint answered 500", at=AT)
    told = explain_run(ended(world, run, "FAILED"), world.ledger)
    assert "the endpoint answered 500" in {state.state: state.text for state in told.states}["DeployModel"]


def test_a_run_that_was_refused_has_no_states(world: World) -> None:
    """There was never an execution."""
    world.deliver(world.push_code(sluice_yaml="x: 1"))
    (run,) = world.ledger.runs()
    told = explain_run(run, world.ledger)
    assert (told.states, told.before, told.differences) == ((), None, ())


def test_what_followed_from_an_event_is_told_with_it(world: World) -> None:
    """An upload of data settles, and each project that uses the dataset decides."""
    world.deliver(world.push_code())
    upload = world.push_data()
    world.deliver(upload)
    event = world.ledger.event(upload.event_id)
    assert event is not None
    outcomes = [each.outcome for each in explain_event(event, world.ledger).events]
    assert outcomes == ["accepted", "versioned", "requested"]
