"""Writes the build context of an environment image."""

from sluiceway.errors import BuildFailed
from sluiceway.gateways.ledger import Ledger
from sluiceway.gateways.objects import Objects
from sluiceway.images.build_context import build_context
from sluiceway.images.contracts import PrepareBuildInput, PrepareBuildOutput
from sluiceway.images.environment_files import environment_files
from sluiceway.images.image_tag import Files, image_tag
from sluiceway.names import build_context_key, code_archive_key
from sluiceway.projects.archive import open_archive
from sluiceway.projects.mlproject import parse_mlproject


def prepare_build(
    given: PrepareBuildInput, *, ledger: Ledger, objects: Objects, artifacts_bucket: str, platform: Files
) -> PrepareBuildOutput:
    """Write the context under the image's tag; raises `BuildFailed` when the platform has changed."""
    code_version = ledger.run(given.run_id).code_version
    if code_version is None:
        raise BuildFailed(f"run {given.run_id} has no code version to build an environment of")
    tree = open_archive(objects.get(artifacts_bucket, code_archive_key(given.project, code_version)))
    environment = environment_files(tree, parse_mlproject(tree))
    if image_tag(environment, platform) != given.image_tag:
        raise BuildFailed(
            f"image {given.image_tag[:16]} was planned with another release of the platform than this: "
            "start the run again"
        )
    key = build_context_key(given.image_tag)
    objects.keep(artifacts_bucket, key, build_context(environment, platform), content_type="application/zip")
    return PrepareBuildOutput(image_tag=given.image_tag, source_location=f"{artifacts_bucket}/{key}")
