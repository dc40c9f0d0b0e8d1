"""A failed run is tried again by another run of the same inputs, once."""

import pytest

from sluiceway.triggers.contracts import RunAsked
from sluiceway.triggers.explain_run import explain_run
from sluiceway.triggers.redrive import NothingToRedrive, plan_redrive
from tests.fakes.samples import SLUICE_YAML
from tests.fakes.world import World


@pytest.fixture
def world() -> World:
    return World()


def test_a_failed_run_is_tried_again_by_another_of_the_same_inputs(world: World) -> None:
    """Its own end stands; asked twice, it is one new run."""
    run = world.started()
    world.finish(run, "FAILED")
    asked = plan_redrive(run, world.ledger).ask
    (first,), (again,) = world.request(asked), world.request(asked)
    made = world.ledger.run(first.run_id or "")
    assert (first.outcome, again.run_id, made.rerun) == ("requested", first.run_id, 1)
    assert (made.code_version, made.dataset_versions) == (run.code_version, run.dataset_versions)
    assert world.ledger.run(run.run_id).status == "FAILED"
    assert len(world.ledger.runs()) == 2


def test_the_new_try_and_the_old_one_know_each_other(world: World) -> None:
    """`sluice why` tells of both."""
    run = world.started()
    world.finish(run, "FAILED")
    (decision,) = world.request(plan_redrive(run, world.ledger).ask)
    assert explain_run(run, world.ledger).retried_as == decision.run_id
    made = world.ledger.run(decision.run_id or "")
    assert explain_run(made, world.ledger).retry_of == run.run_id
    assert plan_redrive(run, world.ledger).retried_as == decision.run_id


def test_what_was_pushed_since_changes_nothing(world: World) -> None:
    """The versions of the run that failed are pinned."""
    run = world.started()
    world.finish(run, "FAILED")
    world.deliver(world.push_code(train_py="print('newer')"))
    (decision,) = world.request(plan_redrive(run, world.ledger).ask)
    assert world.ledger.run(decision.run_id or "").code_version == run.code_version


def test_inputs_that_have_succeeded_since_are_not_trained_again(world: World) -> None:
    """Somebody pushed the same once more: there is nothing left to try."""
    run = world.started()
    world.finish(run, "FAILED")
    asked = plan_redrive(run, world.ledger).ask
    other = RunAsked(event_id="somebody", project=run.project)
    (decision,) = world.request(other)
    world.finish(world.ledger.run(decision.run_id or ""), "SUCCEEDED")
    assert [each.outcome for each in world.request(asked)] == ["unchanged"]


def test_a_run_that_was_forced_is_forced_again(world: World) -> None:
    """Its inputs may have succeeded before: that is why somebody forced it."""
    first = world.started()
    world.finish(first, "SUCCEEDED")
    (decision,) = world.request(RunAsked(event_id="wish", project=first.project, force=True))
    forced = world.ledger.run(decision.run_id or "")
    world.finish(forced, "FAILED")
    asked = plan_redrive(forced, world.ledger).ask
    assert asked.force
    (again,) = world.request(asked)
    assert (again.outcome, len(world.ledger.runs())) == ("requested", 3)


@pytest.mark.parametrize(
    "wish",
    [
        {"parameters": {"depth": "5"}},
        {"steps": ("prepare",)},
        {"preview": True},
        {"preview": True, "force": True},
    ],
)
def test_a_run_of_a_special_kind_is_tried_again_as_one(world: World, wish: dict[str, object]) -> None:
    """Its parameters, its steps, and the smaller dataset of a preview."""
    preview = "preview: {data: {flights: sample}, timeout: 10m}\n"
    world.deliver(world.push_code(sluice_yaml=SLUICE_YAML + preview))
    for path in ("data/flights/a.parquet", "data/sample/a.parquet"):
        world.deliver(world.upload(path, b"rows"))
    (decision,) = world.request(
        RunAsked.model_validate({"event_id": "wish", "project": "flight-delay"} | wish)
    )
    run = world.ledger.run(decision.run_id or "")
    world.finish(run, "FAILED")
    (again,) = world.request(plan_redrive(run, world.ledger).ask)
    made = world.ledger.run(again.run_id or "")
    assert (again.outcome, made.run_id != run.run_id) == ("requested", True)
    kept = ("code_version", "dataset_versions", "parameters", "steps", "preview")
    assert [getattr(made, name) for name in kept] == [getattr(run, name) for name in kept]


@pytest.mark.parametrize("status", ["SUCCEEDED", "REJECTED"])
def test_only_what_failed_is_tried_again(world: World, status: str) -> None:
    """A model that the gate rejected would be rejected again."""
    run = world.started()
    world.finish(run, status)  # type: ignore[arg-type]
    with pytest.raises(NothingToRedrive, match="only what FAILED"):
        plan_redrive(world.ledger.run(run.run_id), world.ledger)


def test_an_upload_that_was_refused_has_nothing_to_run(world: World) -> None:
    """The reason says what to mend before pushing again."""
    world.deliver(world.push_code(sluice_yaml="x: 1"))
    (run,) = world.ledger.runs()
    with pytest.raises(NothingToRedrive, match=r"push again: sluice\.yaml"):
        plan_redrive(run, world.ledger)
