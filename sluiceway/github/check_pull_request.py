"""Checks a pull request: each project that it changes is validated and planned, and tried as a preview.

What comes from a fork is read and never built or run, unless the owner has named the fork: whoever may
propose a change may not thereby use the owner's account. How the pull request stands is asked, not taken from
what was told; so each of its heads is checked once, whatever is told how often.
"""

from dataclasses import dataclass

from sluiceway.errors import InvalidUpload
from sluiceway.gateways.bounded_http import AnswerTooLarge
from sluiceway.gateways.github import PullRequest
from sluiceway.gateways.records import EventRecord
from sluiceway.github.contracts import ProjectChecked, PullRequestChecked
from sluiceway.github.found_project import FoundProject
from sluiceway.github.handling import Handling
from sluiceway.github.names import HEADS, event_id
from sluiceway.github.settings import GitHubSettings
from sluiceway.github.store_code import Brought, store_code
from sluiceway.triggers.contracts import Commit, RunAsked

EVENT = "PullRequestMoved"
TOLD_PROJECTS = 100


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """The head of a pull request, and whether what it holds may be run."""

    event_id: str
    repository: str
    request: PullRequest
    withheld: str
    """Why nothing is run; empty: it is."""
    from_fork: bool
    """From a fork that the owner has not named."""

    @property
    def commit(self) -> Commit:
        """What is reported on; the ref is the head's branch, wherever that is."""
        return Commit(
            repository=self.repository,
            sha=self.request.sha,
            ref=f"{HEADS}{self.request.ref}"[:1024],
            pull_request=self.request.number,
        )


def check_pull_request(repository: str, number: int, on: Handling) -> EventRecord:
    """Check the head as it is now, once; raises `NotFound`, `ServiceUnavailable`."""
    request = on.github.pull_request(repository, number)
    proposal = propose(repository, request, on.settings)
    why_not = ignored(repository, request, on.settings)
    if why_not:
        return _outcome(proposal, on, why_not, recorded=False)
    return on.ledger.event(proposal.event_id) or _check(proposal, on)


def propose(repository: str, request: PullRequest, settings: GitHubSettings) -> Proposal:
    """What may be done with a pull request's head; naming the fork later makes it another event."""
    from_fork = _from_fork(repository, request, settings)
    kind = "fork" if from_fork else "draft" if request.draft else "run"
    return Proposal(
        event_id=event_id("pull_request", repository.casefold(), request.number, request.sha, kind),
        repository=repository,
        request=request,
        withheld=_withheld(request, from_fork=from_fork),
        from_fork=from_fork,
    )


def ignored(repository: str, request: PullRequest, settings: GitHubSettings) -> str | None:
    """Why a pull request is none of our business; None: it is."""
    connected = settings.repository(repository)
    if not request.is_open:
        return "the pull request is closed"
    if connected is None or request.base not in connected.branches:
        return "it is proposed for a branch that is not connected"
    return None


def _from_fork(repository: str, request: PullRequest, settings: GitHubSettings) -> bool:
    head = request.head_repository
    if head is None:
        return True
    return head.casefold() != repository.casefold() and not settings.allows_fork(head)


def _withheld(request: PullRequest, *, from_fork: bool) -> str:
    if from_fork:
        return (
            f"from the fork {request.head_repository or '(deleted)'}: validated and planned, never built or "
            "run unless the owner allows it by name (`sluice github connect … --allow-fork`)"
        )
    return "a draft: validated and planned only, until it is ready for review" if request.draft else ""


def _check(proposal: Proposal, on: Handling) -> EventRecord:
    try:
        found = on.projects_at(proposal.repository, proposal.request.sha)
    except (InvalidUpload, AnswerTooLarge) as error:
        _publish_checked(proposal, [], on)
        return _outcome(proposal, on, str(error), refused=True)
    paths = on.github.changed_paths(proposal.repository, proposal.request.number)
    changed = [_ours(each, proposal, on) for each in found if touches(paths, each.folder)]
    for each in changed:
        on.tell(_checked(proposal, each, on))
    _publish_checked(proposal, changed, on)
    names = ", ".join(each.name for each in changed)
    return _outcome(proposal, on, names or "it changes no project", changed=bool(changed))


def touches(paths: frozenset[str] | None, folder: str) -> bool:
    """Whether one of the changed paths lies in a folder; None: they are too many to tell."""
    return paths is None or not folder or any(path.startswith(f"{folder}/") for path in paths)


def _ours(found: FoundProject, proposal: Proposal, on: Handling) -> FoundProject:
    foreign = on.owned_elsewhere(found.name, proposal.repository)
    return found.refused(foreign) if foreign else found


def _checked(proposal: Proposal, found: FoundProject, on: Handling) -> ProjectChecked:
    """What is told of a project, once its run was asked for where one may be."""
    asked, reason = ask_preview(proposal, found, on)
    return ProjectChecked(
        event_id=f"{proposal.event_id}.{found.name}.checked",
        project=found.name,
        commit=proposal.commit,
        order=proposal.request.updated_at,
        folder=found.folder,
        outcome="asked" if asked else "planned" if found.project else "invalid",
        reason=reason or found.reason,
        problems=found.problems,
        config=found.config,
        image_ready=on.image_ready(found),
        asked=proposal.event_id if asked else None,
    )


def ask_preview(proposal: Proposal, found: FoundProject, on: Handling) -> tuple[bool, str]:
    """Whether a preview was asked for, and why not; an invalid project is recorded as refused."""
    if found.project is None or found.tree is None:
        _record_project(proposal, found, on)
        return False, ""
    if proposal.withheld:
        return False, proposal.withheld
    latest = on.ledger.code_pointer(found.name)
    if latest is not None and latest.code_version == found.version and latest.retired is None:
        return False, "its code is what is the latest already"
    brought = Brought(
        event_id=proposal.event_id,
        commit=proposal.commit,
        trigger="webhook",
        order=proposal.request.updated_at,
        at=on.now(),
    )
    pointer = store_code(
        found, found.project, found.tree, brought=brought, objects=on.objects, bucket=on.artifacts_bucket
    )
    on.ledger.keep_code(pointer)
    on.events.publish(
        RunAsked(
            event_id=proposal.event_id,
            project=found.name,
            code_version=found.version,
            preview=True,
            trigger="webhook",
            commit=proposal.commit,
        )
    )
    _record_project(proposal, found, on)
    return True, ""


def _record_project(proposal: Proposal, found: FoundProject, on: Handling) -> None:
    on.record(
        f"{proposal.event_id}.{found.name}.code",
        "ProjectProposed",
        found.folder or found.name,
        outcome="accepted" if found.project else "refused",
        reason=found.reason or f"a preview of code {found.version[:12]} is asked for",
        project=found.name,
    )


def _publish_checked(proposal: Proposal, changed: list[FoundProject], on: Handling) -> None:
    on.events.publish(
        PullRequestChecked(
            event_id=f"{proposal.event_id}.checked",
            commit=proposal.commit,
            order=proposal.request.updated_at,
            projects=tuple(dict.fromkeys(each.name for each in changed))[:TOLD_PROJECTS],
        )
    )


def _outcome(
    proposal: Proposal,
    on: Handling,
    reason: str,
    *,
    refused: bool = False,
    changed: bool = False,
    recorded: bool = True,
) -> EventRecord:
    """Recorded last, unless the pull request may yet be looked at under the same event."""
    subject = f"{proposal.repository}#{proposal.request.number}"
    record = EventRecord(
        event_id=proposal.event_id,
        event=EVENT,
        subject=subject,
        outcome="refused" if refused else "accepted" if changed else "ignored",
        reason=f"commit {proposal.request.sha[:12]}: {reason}",
        recorded_at=on.now(),
    )
    if recorded:
        on.ledger.record_event(record)
    return record
