"""Tells GitHub how the projects of a commit stand: check runs, commit statuses, one comment a pull request.

An event is only the occasion. What is told is read from the ledger when it is told, and looked at once more
afterwards: whoever comes late, twice, or in the wrong order tells what is true by then. Two that tell at the
same time may overtake each other on the way to GitHub: whose word comes to stand last looks last, and mends.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sluiceway.clock import utc_now
from sluiceway.contract import Contract
from sluiceway.errors import LostRace, PermanentError
from sluiceway.gateways.github_reports import Reports
from sluiceway.gateways.ledger import EventRecord, Ledger, RunRecord
from sluiceway.github.contracts import ProjectChecked, PullRequestChecked
from sluiceway.github.report_events import Told
from sluiceway.github.report_facts import Facts, decision_on
from sluiceway.github.report_targets import CommentTarget, CommitTarget, DeploymentTarget, Target, Telling
from sluiceway.triggers.contracts import Commit, DeploymentFinished, RunFinished, RunRequested

OWN_RUNS = frozenset({"push", "webhook", "api"})
"""For the sake of a commit. Runs of schedules and new data are told of only where a commit had no other."""
LOOKS = 4
"""How often a telling looks whether something changed meanwhile."""
DECISION_TAKES = (0.5, 1.0, 2.0)
"""seconds to wait for a decision that is being made at this very moment"""


@dataclass(frozen=True, kw_only=True)
class Reporting:
    """The outside world of `report_run`."""

    facts: Facts
    connect: Callable[[], Reports]
    """Only when there is something to tell: most runs have no commit."""
    now: Callable[[], str] = utc_now
    wait: Callable[[float], None] = field(default=time.sleep)

    @property
    def ledger(self) -> Ledger:
        """The ledger that facts are read from."""
        return self.facts.ledger


def report_run(told: Told, on: Reporting) -> EventRecord | None:
    """Tell what follows from an event; None: nothing does. Raises `TransientError` to be tried again.

    What GitHub refuses for good is recorded, with its words: it never fails a run.
    """
    known = on.ledger.event(_record_id(told))
    if known is not None:
        return known
    targets = list(dict.fromkeys(_TARGETS[type(told)](told, on)))
    if not targets:
        return None
    refused = [error for target in targets if (error := _tell(target, on)) is not None]
    _insist_on_decision(told, on)
    return _record(told, targets, refused, on)


def _tell(target: Target, on: Reporting) -> PermanentError | None:
    """Let GitHub show what is true; returns why it never will."""
    try:
        telling = Telling(facts=on.facts, github=on.connect(), at=on.now())
        for _ in range(LOOKS):
            wanted = target.wanted(telling)
            target.show(wanted, telling)
            if target.wanted(telling) == wanted:
                return None
    except PermanentError as error:
        return error
    raise LostRace(f"{target} changes faster than it can be told")


def _record(told: Told, targets: list[Target], refused: list[PermanentError], on: Reporting) -> EventRecord:
    record = EventRecord(
        event_id=_record_id(told),
        event="Reported",
        subject=str(targets[0]),
        outcome="refused" if refused else "reported",
        reason="; ".join(str(error) for error in refused) or ", ".join(str(target) for target in targets),
        project=getattr(told, "project", None),
        run_id=getattr(told, "run_id", None),
        recorded_at=on.now(),
    )
    on.ledger.record_event(record)
    return record


def _record_id(told: Told) -> str:
    """A head may be checked again, when it is pushed back to: then it comes in another order."""
    order = getattr(told, "order", None)
    return f"{told.event_id}.told" if order is None else f"{told.event_id}.{order}.told"


def _of_check(told: Any, on: Reporting) -> Iterator[Target]:
    """A project of a pull request's head, or of a push."""
    on.ledger.note_checked(told)
    decision = _decision(told, on)
    if decision is not None and decision.outcome == "unchanged" and decision.run_id:
        on.ledger.follow_run(decision.run_id, told.commit)
    yield from _of_commit(told.commit, told.project)


def _decision(checked: ProjectChecked, on: Reporting) -> EventRecord | None:
    """On the run that was asked for; it is made at about the same time as this is told."""
    for pause in (*DECISION_TAKES, None):
        decision = decision_on(checked, on.ledger)
        if decision is not None or checked.asked is None or pause is None:
            return decision
        on.wait(pause)
    return None


def _insist_on_decision(told: Told, on: Reporting) -> None:
    """A decision that starts no run is told by nobody else: look again later."""
    if isinstance(told, ProjectChecked) and told.asked and decision_on(told, on.ledger) is None:
        raise LostRace(f"{told.asked}: it is not decided yet whether a run follows")


def _of_head(told: Any, on: Reporting) -> Iterator[Target]:
    """A pull request's newest commit. One that changes no project gets no comment, unless it has one."""
    on.ledger.note_head(told)
    yield from _comment(told.commit)


def _of_run(told: Any, on: Reporting) -> Iterator[Target]:
    run = on.ledger.find_run(told.run_id)
    if run is None:
        return
    for commit in _commits(run, on.ledger):
        yield from _of_commit(commit, run.project)


def _commits(run: RunRecord, ledger: Ledger) -> Iterator[Commit]:
    """The run's own commit, and others that had the same inputs."""
    if run.commit is not None and _is_told_of(run, run.commit, ledger):
        ledger.note_commit_run(run.commit, run)
        yield run.commit
    yield from ledger.followers(run.run_id)


def _is_told_of(run: RunRecord, commit: Commit, ledger: Ledger) -> bool:
    standing = ledger.commit_run(commit.repository, commit.sha, run.project)
    return run.trigger in OWN_RUNS or standing in (None, run.run_id)


def _of_deployment(told: Any, on: Reporting) -> Iterator[Target]:
    deployment = on.ledger.find_deployment(told.deployment_id)
    run = on.ledger.find_run(deployment.run_id) if deployment else None
    if deployment is None or run is None or run.commit is None:
        return
    on.ledger.note_commit_deployment(run.commit, deployment)
    yield from _of_commit(run.commit, run.project)
    if run.commit.pull_request is None:
        yield DeploymentTarget(run.commit.repository, run.commit.sha, run.project)


def _of_commit(commit: Commit, project: str) -> Iterator[Target]:
    in_pull_request = commit.pull_request is not None
    yield CommitTarget(commit.repository, commit.sha, project, in_pull_request)
    yield from _comment(commit)


def _comment(commit: Commit) -> Iterator[Target]:
    if commit.pull_request is not None:
        yield CommentTarget(commit.repository, commit.pull_request)


_TARGETS: Mapping[type[Contract], Callable[[Any, Reporting], Iterator[Target]]] = {
    RunRequested: _of_run,
    RunFinished: _of_run,
    DeploymentFinished: _of_deployment,
    ProjectChecked: _of_check,
    PullRequestChecked: _of_head,
}
