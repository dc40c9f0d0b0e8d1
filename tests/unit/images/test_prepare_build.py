"""Build contexts."""

import pytest

from sluiceway.errors import BuildFailed
from sluiceway.images.contracts import PrepareBuildInput, PrepareBuildOutput
from sluiceway.images.image_tag import Files
from sluiceway.images.prepare_build import prepare_build
from tests.fakes.run_world import BUCKET, PLATFORM, PROJECT, RUN, World


def test_the_context_lies_under_the_tag() -> None:
    """Where CodeBuild is told to look for it, as bucket/key."""
    world, tag = _planned()
    prepared = _prepare(world, tag, PLATFORM)
    assert prepared.source_location == f"{BUCKET}/images/{tag}/context.zip"
    assert world.objects.exists(BUCKET, f"images/{tag}/context.zip")


def test_a_platform_that_changed_since_planning_is_refused() -> None:
    """Else an image would lie under a tag that its content does not have."""
    world, tag = _planned()
    with pytest.raises(BuildFailed, match="start the run again"):
        _prepare(world, tag, {**PLATFORM, "containers/a.py": b"2"})


def _planned() -> tuple[World, str]:
    world = World()
    world.claim()
    return world, world.plan().image.tag


def _prepare(world: World, tag: str, platform: Files) -> PrepareBuildOutput:
    return prepare_build(
        PrepareBuildInput(project=PROJECT, image_tag=tag, run_id=RUN),
        ledger=world.ledger,
        objects=world.objects,
        artifacts_bucket=BUCKET,
        platform=platform,
    )
