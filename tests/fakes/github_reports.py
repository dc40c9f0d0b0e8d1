"""What stands on a GitHub of the tests: statuses, check runs, comments; and `Reports` straight on it.

The local HTTP server that plays GitHub serves the same board (`github_report_routes`), so that whole reports
are read in one place whether they came by HTTP or not.
"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sluiceway.errors import NotFound, ServiceUnavailable, SluicewayError
from sluiceway.github.check_run import CheckRun
from sluiceway.github.report_status import CommitStatus

Entry = dict[str, Any]


@dataclass
class ReportBoard:
    """Everything that was written, as GitHub's API shows it. Lists are in the order of creation."""

    comments: dict[tuple[str, int], list[Entry]] = field(default_factory=dict)
    check_runs: dict[str, list[Entry]] = field(default_factory=dict)
    """By repository."""
    statuses: dict[tuple[str, str], list[Entry]] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(1001))

    def bodies(self, repository: str, number: int) -> list[str]:
        """Texts of a pull request's comments."""
        return [str(comment["body"]) for comment in self.comments.get((repository, number), [])]

    def states(self, repository: str, sha: str, context: str) -> list[str]:
        """States that a context went through."""
        found = self.statuses.get((repository, sha), [])
        return [str(status["state"]) for status in found if status["context"] == context]

    def checks(self, repository: str, sha: str) -> list[Entry]:
        """Check runs of a commit."""
        return [run for run in self.check_runs.get(repository, []) if run["head_sha"] == sha]

    def check_run(self, repository: str, check_id: int) -> Entry | None:
        """A check run by its id."""
        return _by_id(self.check_runs.get(repository, []), check_id)

    def comment(self, repository: str, comment_id: int) -> Entry | None:
        """A comment by its id, which is unique in its repository."""
        found = (kept for (where, _), kept in self.comments.items() if where == repository)
        return _by_id(list(itertools.chain.from_iterable(found)), comment_id)

    def add_comment(self, repository: str, number: int, body: str) -> Entry:
        """A new comment."""
        made = {"id": next(self.ids), "body": body, "user": {"login": "sluiceway[bot]", "type": "Bot"}}
        self.comments.setdefault((repository, number), []).append(made)
        return made

    def delete_comment(self, repository: str, comment_id: int) -> None:
        """Somebody took it away."""
        for (where, _), kept in self.comments.items():
            if where == repository:
                kept[:] = [comment for comment in kept if comment["id"] != comment_id]

    def add_check_run(self, repository: str, given: Entry) -> Entry:
        """A new check run."""
        made = {"id": next(self.ids), "conclusion": None, "output": {}} | _without_output(given)
        self.check_runs.setdefault(repository, []).append(made)
        self.change_check_run(made, given)
        return made

    def change_check_run(self, standing: Entry, given: Entry) -> None:
        """Annotations are added to those that are there; an unfinished run has no conclusion."""
        output = dict(given.get("output") or {})
        kept = [*standing["output"].get("annotations", []), *output.pop("annotations", [])]
        standing |= _without_output(given)
        standing["output"] = {
            **standing["output"],
            **output,
            "annotations": kept,
            "annotations_count": len(kept),
        }
        if standing.get("status") != "completed":
            standing["conclusion"] = None

    def add_status(self, repository: str, sha: str, given: Entry) -> Entry:
        """A further status."""
        made = {"id": next(self.ids), **given}
        self.statuses.setdefault((repository, sha), []).append(made)
        return made


def _without_output(given: Entry) -> Entry:
    return {name: value for name, value in given.items() if name != "output"}


def _by_id(entries: list[Entry], wanted: int) -> Entry | None:
    return next((entry for entry in entries if entry["id"] == wanted), None)


@dataclass
class MemoryReports:
    """`Reports` on a board. Faults are by the name of the operation, for its next call."""

    writes_checks: bool = True
    board: ReportBoard = field(default_factory=ReportBoard)
    calls: list[str] = field(default_factory=list)
    lost_answers: list[str] = field(default_factory=list)
    """Done, but the caller never hears of it."""
    refusals: list[tuple[str, SluicewayError]] = field(default_factory=list)
    """Not done."""
    before: dict[str, Callable[[], None]] = field(default_factory=dict)
    """What happens in the world just before the operation is done, once."""

    def newest_status(self, repository: str, sha: str, context: str) -> CommitStatus | None:
        with self._call("newest_status"):
            found = [
                each for each in self.board.statuses.get((repository, sha), []) if each["context"] == context
            ]
            return CommitStatus(context, found[-1]["state"], found[-1]["description"]) if found else None

    def add_status(self, repository: str, sha: str, status: CommitStatus) -> None:
        with self._call("add_status"):
            self.board.add_status(repository, sha, vars(status).copy())

    def find_check_run(self, repository: str, check: CheckRun, nonce: str) -> int | None:
        with self._call("find_check_run"):
            found = self.board.checks(repository, check.sha)
            return next((run["id"] for run in found if run["external_id"] == nonce), None)

    def make_check_run(self, repository: str, check: CheckRun, nonce: str) -> int:
        with self._call("make_check_run"):
            given = {"head_sha": check.sha, "external_id": nonce, **_entry(check)}
            return int(self.board.add_check_run(repository, given)["id"])

    def mend_check_run(self, repository: str, check_id: int, check: CheckRun) -> None:
        with self._call("mend_check_run"):
            standing = self.board.check_run(repository, check_id)
            if standing is None:
                raise NotFound("no such check run")
            wanted = _entry(check, standing["output"]["annotations_count"])
            if any(standing[name] != wanted[name] for name in ("status", "conclusion")) or (
                standing["output"]["summary"] != check.summary
            ):
                self.calls.append("PATCH check run")
                self.board.change_check_run(standing, wanted)

    def find_comment(self, repository: str, number: int, marker: str) -> int | None:
        with self._call("find_comment"):
            found = self.board.comments.get((repository, number), [])
            return next((each["id"] for each in found if each["body"].startswith(marker)), None)

    def make_comment(self, repository: str, number: int, body: str) -> int:
        with self._call("make_comment"):
            return int(self.board.add_comment(repository, number, body)["id"])

    def mend_comment(self, repository: str, comment_id: int, body: str) -> None:
        with self._call("mend_comment"):
            standing = self.board.comment(repository, comment_id)
            if standing is None:
                raise NotFound("no such comment")
            if standing["body"] != body:
                self.calls.append("PATCH comment")
                standing["body"] = body

    @property
    def written(self) -> list[str]:
        """The calls that changed something."""
        return [call for call in self.calls if call.startswith(("add", "make", "PATCH"))]

    @contextmanager
    def _call(self, name: str) -> Iterator[None]:
        self.calls.append(name)
        self.before.pop(name, lambda: None)()
        for fault in [each for each in self.refusals if each[0] == name][:1]:
            self.refusals.remove(fault)
            raise fault[1]
        yield
        if name in self.lost_answers:
            self.lost_answers.remove(name)
            raise ServiceUnavailable("GitHub did not answer")


def _entry(check: CheckRun, known: int = 0) -> Entry:
    annotations = [vars(each) for each in check.annotations[known:]]
    output = {"title": check.title, "summary": check.summary, "annotations": annotations}
    return {"name": check.name, "status": check.status, "conclusion": check.conclusion, "output": output}
