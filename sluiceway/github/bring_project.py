"""Makes a project's files, as a push to a followed branch holds them, the project's latest code."""

from sluiceway.gateways.records import CodePointer
from sluiceway.github.contracts import ProjectChecked
from sluiceway.github.found_project import FoundProject
from sluiceway.github.handling import Handling
from sluiceway.github.push import Push
from sluiceway.github.store_code import Brought, store_code
from sluiceway.triggers.contracts import CodePushed
from sluiceway.triggers.refuse_run import refuse_run


def bring_project(push: Push, found: FoundProject, latest: CodePointer | None, on: Handling) -> bool:
    """False where the project's code has been replaced since it was read."""
    foreign = on.owned_elsewhere(found.name, push.commit.repository)
    found = found.refused(foreign) if foreign else found
    if found.project is None or found.tree is None:
        _refuse(push, found, on)
        return True
    brought = Brought(
        event_id=push.event_id,
        commit=push.commit,
        trigger="push",
        order=push.order_after(latest),
        at=push.at,
    )
    pointer = store_code(
        found, found.project, found.tree, brought=brought, objects=on.objects, bucket=on.artifacts_bucket
    )
    on.ledger.subscribe(found.name, found.project.config.data)
    # Also where this push has moved it already: whoever looked before and still means to move it fails.
    if not on.ledger.replace_code_pointer(pointer, latest).ours:
        return False
    _publish(push, found, pointer, on)
    return True


def _publish(push: Push, found: FoundProject, pointer: CodePointer, on: Handling) -> None:
    """Also where the same code was the latest already: whoever moved it may have got no further."""
    on.events.publish(
        CodePushed(
            event_id=push.event_id,
            project=found.name,
            code_version=found.version,
            uri=pointer.uri,
            trigger="push",
            commit=push.commit,
        )
    )
    on.tell(_checked(push, found, on))
    on.record(
        f"{push.event_id}.{found.name}.code",
        "ProjectPushed",
        found.folder or found.name,
        outcome="accepted",
        reason=f"code {found.version[:12]} of commit {push.commit.sha[:12]}",
        project=found.name,
    )


def _refuse(push: Push, found: FoundProject, on: Handling) -> None:
    """Shown as a failed run, so that nobody waits for one."""
    run_id = refuse_run(
        found.name,
        event_id=push.event_id,
        reason=found.reason,
        trigger="push",
        at=push.at,
        ledger=on.ledger,
        events=on.events,
    )
    on.tell(_checked(push, found, on))
    on.record(
        f"{push.event_id}.{found.name}.code",
        "ProjectPushed",
        found.folder or found.name,
        outcome="refused",
        reason=found.reason,
        project=found.name,
        run_id=run_id,
    )


def _checked(push: Push, found: FoundProject, on: Handling) -> ProjectChecked:
    valid = found.project is not None
    return ProjectChecked(
        event_id=f"{push.event_id}.{found.name}.checked",
        project=found.name,
        commit=push.commit,
        order=push.at,
        folder=found.folder,
        outcome="asked" if valid else "invalid",
        reason=found.reason,
        problems=found.problems,
        config=found.config,
        image_ready=on.image_ready(found),
        asked=push.event_id if valid else None,
    )
