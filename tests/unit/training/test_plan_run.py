"""Planning a run."""

import pytest

from sluiceway.errors import InvalidProject
from tests.fakes.run_world import BUCKET, FILES, PROJECT, RUN, VERSION, World, plan_uri


def test_a_run_is_planned_and_running() -> None:
    """The ledger knows its execution and its image from now on."""
    world = World()
    world.claim()
    planned = world.plan()
    run = world.ledger.run(RUN)
    assert (run.status, run.image_tag) == ("RUNNING", planned.image.tag)
    assert run.execution_arn == f"arn:aws:states:::execution:run_pipeline:{RUN}"
    assert planned.plan_uri == plan_uri()
    assert [step.name for step in planned.steps] == ["prepare", "train"]


def test_the_plan_pins_code_data_and_experiment() -> None:
    """Whoever reads it needs nothing else."""
    world = World()
    plan = world.planned()
    assert plan.code_uri == f"s3://{BUCKET}/code/{PROJECT}/{VERSION}.zip"
    assert plan.manifest_uris == {"flights": f"s3://{BUCKET}/datasets/flights/{'d' * 64}.json"}
    assert plan.experiment_id == world.registry.experiments[PROJECT]
    assert world.registry.locations[PROJECT] == f"s3://{BUCKET}/mlflow/{PROJECT}"


def test_an_image_that_stands_is_not_built_again() -> None:
    """The second run of the same environment finds the job definition."""
    world = World()
    plan = world.planned()
    world.claim(f"{RUN}-2")
    image = world.plan(f"{RUN}-2").image
    record = world.ledger.image(plan.image_tag)
    assert record is not None
    assert (image.ready, image.job_definition) == (True, record.job_definition_arn)
    assert world.ledger.run(f"{RUN}-2").image_digest == record.digest


def test_code_alone_does_not_change_the_image() -> None:
    """Only environment files decide the tag."""
    world, other, third = World(), World(), World()
    world.claim()
    other.claim(files={**FILES, "train.py": b"print('better')\n"})
    third.claim(files={**FILES, "requirements.txt": b"scikit-learn==1.9.2\n"})
    assert world.plan().image.tag == other.plan().image.tag != third.plan().image.tag


def test_asked_again_the_first_plan_stands() -> None:
    """A retry after a lost answer changes nothing, whatever the tracking server says now."""
    world = World()
    world.claim()
    first = world.plan()
    world.registry.experiments[PROJECT] = "another"
    assert world.plan() == first
    assert b'"experiment_id":"1"' in world.objects.get(BUCKET, f"runs/{RUN}/plan.json")


def test_a_project_that_does_not_fit_together_says_where() -> None:
    """The reason names file and line."""
    world = World()
    world.claim(files={**FILES, "MLproject": FILES["MLproject"].replace(b"  train:", b"  fit:")})
    with pytest.raises(InvalidProject, match=r"sluice\.yaml:\d+.*train"):
        world.plan()
