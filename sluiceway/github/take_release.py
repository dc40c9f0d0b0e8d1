"""Runs what a published release holds: every project, as the commit of its tag has it."""

from sluiceway.errors import InvalidUpload, PermanentError
from sluiceway.gateways.bounded_http import AnswerTooLarge
from sluiceway.gateways.records import EventRecord
from sluiceway.github.commands import Command
from sluiceway.github.contracts import Delivery, ReleaseTold
from sluiceway.github.found_project import FoundProject
from sluiceway.github.handling import Handling
from sluiceway.github.names import TAGS, check_branch, event_id
from sluiceway.github.wishes import run_of_commit
from sluiceway.triggers.contracts import Commit

EVENT = "ReleasePublished"


def take_release(delivery: Delivery, told: ReleaseTold, on: Handling) -> EventRecord:
    """Once for each commit that the release's tag leads to."""
    subject = f"{delivery.repository}: {told.tag}"[:512]
    released = event_id("release", delivery.repository.casefold(), told.release_id, told.action)
    if told.action != "published":
        return on.record(released, EVENT, subject, outcome="ignored", reason=f"a release was {told.action}")
    sha = on.github.tag_commit(delivery.repository, check_branch(told.tag))
    asked = event_id("release", delivery.repository.casefold(), told.release_id, sha or "")
    known = on.ledger.event(asked)
    if known is not None:
        return known
    if sha is None:
        return on.record(asked, EVENT, subject, outcome="refused", reason="the tag leads to no commit")
    return _run_all(asked, delivery, told, sha=sha, subject=subject, on=on)


def _run_all(
    asked: str, delivery: Delivery, told: ReleaseTold, *, sha: str, subject: str, on: Handling
) -> EventRecord:
    try:
        found = on.projects_at(delivery.repository, sha)
    except (InvalidUpload, AnswerTooLarge) as error:
        return on.record(asked, EVENT, subject, outcome="refused", reason=str(error))
    commit = Commit(repository=delivery.repository, sha=sha, ref=f"{TAGS}{told.tag}"[:1024])
    told_of = [_run(asked, delivery, each, commit, on) for each in found]
    reason = "; ".join(told_of) or "the commit holds no project"
    return on.record(asked, EVENT, subject, outcome="requested" if found else "ignored", reason=reason)


def _run(asked: str, delivery: Delivery, found: FoundProject, commit: Commit, on: Handling) -> str:
    """Ask for the run; one project that is wrong stops no other."""
    try:
        wish = run_of_commit(
            Command(verb="run"),
            found,
            event_id=asked,
            asked_by=f"{delivery.sender} on {delivery.repository}"[:256],
            commit=commit,
            preview=False,
            on=on,
        )
    except PermanentError as error:
        return f"{found.name} is refused: {error}"
    on.events.publish(wish)
    return f"{found.name} is asked for"
