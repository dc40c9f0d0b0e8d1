"""Takes in a project's code: checked, stored under its version, and made the project's latest."""

from datetime import datetime

from sluiceway.errors import InvalidProject, InvalidUpload
from sluiceway.gateways.ledger import CodePointer, EventRecord
from sluiceway.names import code_archive_key, s3_uri
from sluiceway.projects.archive import MAX_ARCHIVE_BYTES, open_archive
from sluiceway.projects.code_version import canonical_archive, code_version
from sluiceway.projects.parameters import parameter_names
from sluiceway.projects.read_project import Project, read_project, refuse_past
from sluiceway.projects.source_tree import SourceTree
from sluiceway.triggers.collection import Collection
from sluiceway.triggers.contracts import CodePushed
from sluiceway.triggers.uploads import Upload, project_of


def collect_code(upload: Upload, on: Collection) -> EventRecord:
    """Everything that starts runs is written before the event is published; raises `PermanentError`."""
    project = project_of(upload.key)
    if upload.deleted:
        reason = "code that was collected is kept elsewhere"
        return on.record(upload, outcome="ignored", reason=reason, project=project)
    tree = open_archive(_fetch(upload, on))
    found = _project(tree, project)
    refuse_past(tree, found, now=datetime.fromisoformat(on.now()))
    pointer = _store(tree, upload, found=found, on=on)
    on.ledger.subscribe(project, found.config.data)
    if not on.ledger.move_code_pointer(pointer).ours:
        reason = "a later push of this project was collected before"
        return on.record(upload, outcome="superseded", reason=reason, project=project)
    on.events.publish(_code_pushed(pointer))
    return on.record(upload, outcome="accepted", reason=f"code {pointer.code_version[:12]}", project=project)


def _fetch(upload: Upload, on: Collection) -> bytes:
    if not upload.key.lower().endswith(".zip"):
        raise InvalidUpload(f"{upload.key!r} is not a .zip archive: pack the project's folder as one")
    return on.objects.get(upload.bucket, upload.key, version_id=upload.version_id, at_most=MAX_ARCHIVE_BYTES)


def _project(tree: SourceTree, project: str) -> Project:
    found = read_project(tree)
    config = found.config
    if config.project != project:
        raise InvalidProject(
            f"sluice.yaml: project: {config.project!r} was pushed as {project!r}: "
            f"push it to code/{config.project}/ or change the name"
        )
    return found


def _store(tree: SourceTree, upload: Upload, *, found: Project, on: Collection) -> CodePointer:
    config = found.config
    version = code_version(tree)
    key = code_archive_key(config.project, version)
    on.objects.keep(on.artifacts_bucket, key, canonical_archive(tree), content_type="application/zip")
    return CodePointer(
        project=config.project,
        code_version=version,
        uri=s3_uri(on.artifacts_bucket, key),
        order=upload.order,
        event_id=upload.event_id,
        trigger="upload",
        datasets=tuple(config.data),
        # Without defaults, so that a release that adds a field makes no new run of old code.
        config=config.model_dump_json(exclude_defaults=True),
        parameters=parameter_names(config, found.mlproject),
        moved_at=on.now(),
    )


def _code_pushed(pointer: CodePointer) -> CodePushed:
    return CodePushed(
        event_id=pointer.event_id,
        project=pointer.project,
        code_version=pointer.code_version,
        uri=pointer.uri,
        trigger=pointer.trigger,
    )
