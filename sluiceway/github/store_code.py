"""Stores a project's code as a pull request or a push brings it: under its version, with its commit."""

from dataclasses import dataclass

from sluiceway.gateways.ledger import CodePointer
from sluiceway.gateways.objects import Objects
from sluiceway.github.found_project import FoundProject
from sluiceway.names import code_archive_key, s3_uri
from sluiceway.projects.code_version import canonical_archive
from sluiceway.projects.parameters import parameter_names
from sluiceway.projects.read_project import Project
from sluiceway.projects.source_tree import SourceTree
from sluiceway.triggers.contracts import Commit, Trigger


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What brought the code: the event, its commit, and when."""

    event_id: str
    commit: Commit
    trigger: Trigger
    order: str
    """Text that sorts as pointers move."""
    at: str


def store_code(
    found: FoundProject,
    project: Project,
    tree: SourceTree,
    *,
    brought: Brought,
    objects: Objects,
    bucket: str,
) -> CodePointer:
    """Keep the canonical archive; returns what the ledger may point to. May be repeated."""
    key = code_archive_key(found.name, found.version)
    objects.keep(bucket, key, canonical_archive(tree), content_type="application/zip")
    config = project.config
    return CodePointer(
        project=found.name,
        code_version=found.version,
        uri=s3_uri(bucket, key),
        order=brought.order,
        event_id=brought.event_id,
        trigger=brought.trigger,
        datasets=tuple(config.data),
        config=config.model_dump_json(exclude_defaults=True),
        parameters=parameter_names(config, project.mlproject),
        commit=brought.commit,
        moved_at=brought.at,
    )
