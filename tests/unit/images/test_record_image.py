"""Built images, and builds that failed."""

import json

import pytest

from sluiceway.errors import BuildFailed
from sluiceway.images.contracts import RecordImageInput, RecordImageOutput
from sluiceway.images.record_image import JobSettings, record_image
from tests.fakes.run_world import RUN, World

TAG = "a1" * 32
SETTINGS = JobSettings(
    prefix="sluiceway-test",
    job_role_arn="arn:aws:iam::123456789012:role/job",
    execution_role_arn="arn:aws:iam::123456789012:role/execution",
    log_group="/sluiceway/test/steps",
    cpu_architecture="X86_64",
)
BUILD = {
    "Build": {
        "Id": "environment:1",
        "BuildStatus": "FAILED",
        "Logs": {"GroupName": "builds", "StreamName": "1"},
        "Phases": [{"PhaseType": "BUILD", "Contexts": [{"Message": "exit status 1"}]}],
    }
}


def test_an_image_is_recorded_by_digest_with_its_job_definition() -> None:
    """Named after the tag, running the pinned image."""
    world = _world()
    pushed = world.images.push(TAG)
    recorded = _record(world)
    definition = world.jobs.definitions[0]
    assert (recorded.digest, recorded.image_uri) == (pushed.digest, pushed.uri)
    assert (definition.name, definition.image) == ("sluiceway-test-a1a1a1a1a1a1a1a1", pushed.uri)
    assert recorded.job_definition.endswith("/sluiceway-test-a1a1a1a1a1a1a1a1:1")


def test_asked_again_nothing_is_registered_again() -> None:
    """One definition for each image."""
    world = _world()
    world.images.push(TAG)
    assert _record(world) == _record(world)
    assert len(world.jobs.definitions) == 1


def test_a_failed_build_tells_the_end_of_its_log() -> None:
    """Phase, message, and the last lines."""
    world = _world()
    world.logs.streams["builds", "1"] = [f"line {number}" for number in range(100)]
    with pytest.raises(BuildFailed) as raised:
        _record(world, error="States.TaskFailed", cause=json.dumps(BUILD))
    assert "BUILD: exit status 1" in str(raised.value)
    assert "line 99" in str(raised.value)
    assert "line 9\n" not in str(raised.value)


def test_a_build_that_came_second_is_no_failure() -> None:
    """Tags are immutable: the slower of two builds of one tag fails on its push, and the image is there."""
    world = _world()
    pushed = world.images.push(TAG)
    assert _record(world, error="States.TaskFailed", cause=json.dumps(BUILD)).digest == pushed.digest


def test_a_build_that_pushed_nothing_is_a_failure() -> None:
    """Whatever CodeBuild says."""
    with pytest.raises(BuildFailed, match="pushed no image"):
        _record(_world())


def _world() -> World:
    world = World()
    world.claim()
    return world


def _record(world: World, *, error: str | None = None, cause: str | None = None) -> RecordImageOutput:
    build_id = None if error else "environment:1"
    return record_image(
        RecordImageInput(image_tag=TAG, run_id=RUN, build_id=build_id, error=error, cause=cause),
        ledger=world.ledger,
        images=world.images,
        jobs=world.jobs,
        logs=world.logs,
        settings=SETTINGS,
    )
