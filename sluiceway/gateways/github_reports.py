"""What Sluiceway writes on GitHub: commit statuses, check runs, and comments on pull requests.

Check runs can be written by a GitHub App only ("REST API endpoints for check runs"). Everything that GitHub
makes anew at each request is looked for before: its answer may have been lost.
"""

from collections.abc import Iterator
from typing import Any, Protocol

from sluiceway.gateways.github_rest import GitHubRest
from sluiceway.github.check_run import MOST_ANNOTATIONS, Annotation, CheckRun
from sluiceway.github.report_status import CommitStatus


class Reports(Protocol):
    """What is told on one GitHub. All raise `ServiceUnavailable`, `NotFound`, `GitHubRefused`."""

    @property
    def writes_checks(self) -> bool:
        """Whether check runs can be written."""

    def newest_status(self, repository: str, sha: str, context: str) -> CommitStatus | None:
        """The status of a context that counts."""

    def add_status(self, repository: str, sha: str, status: CommitStatus) -> None:
        """Make this the status that counts; earlier ones stay in the history."""

    def find_check_run(self, repository: str, check: CheckRun, nonce: str) -> int | None:
        """Id of the check run that was made with the nonce."""

    def make_check_run(self, repository: str, check: CheckRun, nonce: str) -> int:
        """Make one; returns its id."""

    def mend_check_run(self, repository: str, check_id: int, check: CheckRun) -> None:
        """Let it say what is wanted, unless it does; raises `NotFound`."""

    def find_comment(self, repository: str, number: int, marker: str) -> int | None:
        """Id of the first comment of a pull request that begins with the marker."""

    def make_comment(self, repository: str, number: int, body: str) -> int:
        """Make one; returns its id."""

    def mend_comment(self, repository: str, comment_id: int, body: str) -> None:
        """Let it say what is wanted, unless it does; raises `NotFound`."""


class GitHubReports:
    """`Reports` by GitHub's REST API."""

    def __init__(self, rest: GitHubRest) -> None:
        self._rest = rest

    @property
    def writes_checks(self) -> bool:
        """True for a GitHub App."""
        return self._rest.writes_checks

    def newest_status(self, repository: str, sha: str, context: str) -> CommitStatus | None:
        """GitHub lists the newest first, and takes contexts as equal whatever their case."""
        for entry in self._rest.pages(f"/repos/{repository}/commits/{sha}/statuses"):
            if str(entry["context"]).lower() == context.lower():
                return CommitStatus(entry["context"], entry["state"], entry.get("description") or "")
        return None

    def add_status(self, repository: str, sha: str, status: CommitStatus) -> None:
        """A second one that says the same changes nothing, so it may be sent twice."""
        body = {"state": status.state, "context": status.context, "description": status.description}
        self._rest.post(f"/repos/{repository}/statuses/{sha}", body)

    def find_check_run(self, repository: str, check: CheckRun, nonce: str) -> int | None:
        """By the external id, which nobody but its App can set."""
        path = f"/repos/{repository}/commits/{check.sha}/check-runs"
        runs = self._rest.pages(path, {"check_name": check.name, "filter": "all"}, of="check_runs")
        return min((int(run["id"]) for run in runs if run.get("external_id") == nonce), default=None)

    def make_check_run(self, repository: str, check: CheckRun, nonce: str) -> int:
        """With the first annotations."""
        body = {"head_sha": check.sha, "external_id": nonce, **_content(check, check.annotations)}
        return int(self._rest.create(f"/repos/{repository}/check-runs", body)["id"])

    def mend_check_run(self, repository: str, check_id: int, check: CheckRun) -> None:
        """Annotations are added to those that are there, so only further ones are sent."""
        path = f"/repos/{repository}/check-runs/{check_id}"
        standing = self._rest.get(path)
        known = int(standing["output"].get("annotations_count") or 0)
        if known >= len(check.annotations) and _says(standing) == _wanted(check):
            return
        self._rest.patch(path, _content(check, check.annotations[known:]))

    def find_comment(self, repository: str, number: int, marker: str) -> int | None:
        """The first: whoever copies the marker out of it comes later."""
        for comment in self._comments(repository, number):
            if _same_lines(comment.get("body")).startswith(marker):
                return int(comment["id"])
        return None

    def make_comment(self, repository: str, number: int, body: str) -> int:
        """A pull request is an issue, and this is a comment on the issue."""
        return int(self._rest.create(f"/repos/{repository}/issues/{number}/comments", {"body": body})["id"])

    def mend_comment(self, repository: str, comment_id: int, body: str) -> None:
        """GitHub gives back what was written, with its own ends of lines."""
        path = f"/repos/{repository}/issues/comments/{comment_id}"
        if _same_lines(self._rest.get(path).get("body")) != _same_lines(body):
            self._rest.patch(path, {"body": body})

    def _comments(self, repository: str, number: int) -> Iterator[Any]:
        return self._rest.pages(f"/repos/{repository}/issues/{number}/comments")


def _content(check: CheckRun, annotations: tuple[Annotation, ...]) -> dict[str, Any]:
    output: dict[str, Any] = {"title": check.title, "summary": check.summary}
    if annotations:
        output["annotations"] = [_annotation(each) for each in annotations[:MOST_ANNOTATIONS]]
    times = {"started_at": check.started_at, "completed_at": check.completed_at}
    optional = {"conclusion": check.conclusion, **times}
    given = {name: value for name, value in optional.items() if value is not None}
    return {"name": check.name, "status": check.status, **given, "output": output}


def _annotation(each: Annotation) -> dict[str, Any]:
    return {
        "path": each.path,
        "start_line": each.line,
        "end_line": each.line,
        "annotation_level": "failure",
        "message": each.message,
    }


def _says(standing: Any) -> tuple[str | None, ...]:
    output = standing["output"]
    return (
        standing["status"],
        standing.get("conclusion"),
        output.get("title"),
        _same_lines(output.get("summary")),
    )


def _wanted(check: CheckRun) -> tuple[str | None, ...]:
    return check.status, check.conclusion, check.title, _same_lines(check.summary)


def _same_lines(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").strip()
