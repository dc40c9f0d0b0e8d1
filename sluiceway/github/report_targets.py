"""Where on GitHub something is told: each target knows what it should say now, and how to let it say that."""

from dataclasses import dataclass
from typing import Any, Protocol

from sluiceway.gateways.github_reports import Reports
from sluiceway.github.check_run import CheckRun, check_run
from sluiceway.github.comment_text import comment_text
from sluiceway.github.report_facts import Facts, gather
from sluiceway.github.report_places import has_comment, keep_check_run, keep_comment
from sluiceway.github.report_status import CommitStatus, commit_status, deployment_status


@dataclass(frozen=True, kw_only=True)
class Telling:
    """What targets are told with."""

    facts: Facts
    github: Reports
    at: str
    """Now."""


class Target(Protocol):
    """One thing on GitHub."""

    def wanted(self, on: Telling) -> Any:
        """What it should say at this moment; None: it need not be there."""

    def show(self, wanted: Any, on: Telling) -> None:
        """Let it say that, unless it does. May be repeated."""


@dataclass(frozen=True)
class CommitTarget:
    """One project of a commit: a check run in pull requests, where the token may write it, else a status."""

    repository: str
    sha: str
    project: str
    in_pull_request: bool

    def __str__(self) -> str:
        return f"{self.repository}@{self.sha[:12]} {self.project}"

    def wanted(self, on: Telling) -> CheckRun | CommitStatus:
        """By what the token may do."""
        report = gather(self.repository, self.sha, self.project, on.facts)
        as_check = self.in_pull_request and on.github.writes_checks
        return check_run(report) if as_check else commit_status(report)

    def show(self, wanted: CheckRun | CommitStatus, on: Telling) -> None:
        """One check run, made once; or a further status, unless the last one says the same."""
        if isinstance(wanted, CommitStatus):
            _show_status(self.repository, self.sha, wanted, on.github)
            return
        ledger = on.facts.ledger
        keep_check_run(self.repository, wanted, self.project, github=on.github, ledger=ledger, at=on.at)


@dataclass(frozen=True)
class DeploymentTarget:
    """The deployment of what a pushed commit's run made: a status of its own."""

    repository: str
    sha: str
    project: str

    def __str__(self) -> str:
        return f"{self.repository}@{self.sha[:12]} {self.project}/deployment"

    def wanted(self, on: Telling) -> CommitStatus | None:
        """Of the newest deployment."""
        return deployment_status(gather(self.repository, self.sha, self.project, on.facts))

    def show(self, wanted: CommitStatus | None, on: Telling) -> None:
        """A further status, unless the last one says the same."""
        if wanted is not None:
            _show_status(self.repository, self.sha, wanted, on.github)


@dataclass(frozen=True)
class CommentTarget:
    """The comment of a pull request: always about the newest commit that was looked at."""

    repository: str
    number: int

    def __str__(self) -> str:
        return f"{self.repository}#{self.number}"

    def wanted(self, on: Telling) -> str | None:
        """None until its newest commit was looked at, and where there never was anything to say."""
        ledger = on.facts.ledger
        head = ledger.head(self.repository, self.number)
        if head is None or not (head.projects or has_comment(self.repository, self.number, ledger)):
            return None
        sha = head.commit.sha
        reports = [gather(self.repository, sha, name, on.facts) for name in sorted(head.projects)]
        return comment_text(sha, reports)

    def show(self, wanted: str | None, on: Telling) -> None:
        """One comment, made once."""
        if wanted is not None:
            ledger = on.facts.ledger
            keep_comment(self.repository, self.number, wanted, github=on.github, ledger=ledger, at=on.at)


def _show_status(repository: str, sha: str, wanted: CommitStatus, github: Reports) -> None:
    """GitHub keeps at most 1,000 statuses of a commit and context: none is written twice in a row."""
    if github.newest_status(repository, sha, wanted.context) != wanted:
        github.add_status(repository, sha, wanted)
