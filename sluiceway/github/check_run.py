"""A check run: what GitHub shows of one project beside a pull request's commit. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sluiceway.github.comment_text_escape import plain_line
from sluiceway.github.comment_text_project import place, project_summary
from sluiceway.github.contracts import ProblemFound
from sluiceway.github.report import DONE, Progress, ProjectReport

Conclusion = Literal["success", "failure", "neutral"]
CONCLUSIONS: Mapping[Progress, Conclusion] = {
    "invalid": "failure",
    "planned": "neutral",
    "succeeded": "success",
    "rejected": "failure",
    "failed": "failure",
}
"""Of what is done; GitHub counts `neutral` as passed where a check is required."""
TITLES: Mapping[Progress, str] = {
    "checking": "Being checked",
    "invalid": "Problems",
    "planned": "Valid, not tried",
    "waiting": "Waiting",
    "running": "Being tried",
    "succeeded": "Passed the gate",
    "rejected": "Did not pass the gate",
    "failed": "Failed",
}
_VERDICTS = ("passed: ", "rejected: ")
"""With which the ledger's verdicts begin; the title says it already."""
MOST_ANNOTATIONS = 50
"""In one request."""
LONGEST_TITLE = 140
LONGEST_MESSAGE = 8000
"""characters; GitHub takes 64 KB in an annotation's message"""


@dataclass(frozen=True)
class Annotation:
    """A problem at its line."""

    path: str
    line: int
    message: str


@dataclass(frozen=True, kw_only=True)
class CheckRun:
    """What a check run is to say. Times are ISO 8601 to the second; None: GitHub takes its own."""

    name: str
    sha: str
    status: Literal["in_progress", "completed"]
    conclusion: Conclusion | None
    title: str
    summary: str
    annotations: tuple[Annotation, ...] = ()
    started_at: str | None = None
    completed_at: str | None = None


def check_name(project: str) -> str:
    """Also the context of a commit status."""
    return f"sluiceway/{project}"


def check_run(report: ProjectReport) -> CheckRun:
    """The check run of one project."""
    done = report.progress in DONE
    return CheckRun(
        name=check_name(report.project),
        sha=report.sha,
        status="completed" if done else "in_progress",
        conclusion=CONCLUSIONS[report.progress] if done else None,
        title=title(report),
        summary=project_summary(report),
        annotations=_annotations(report.problems),
        started_at=_second(report.run.requested_at) if report.run else None,
        completed_at=_second(report.run.finished_at) if report.run and done else None,
    )


def title(report: ProjectReport) -> str:
    """One line: how far it is, and what the gate said or what is wrong."""
    why = _why(report)
    words = _what(report)
    return plain_line(f"{words}: {why}" if why else words, longest=LONGEST_TITLE)


def _what(report: ProjectReport) -> str:
    if report.problems:
        return f"{len(report.problems)} problem{'s' if len(report.problems) > 1 else ''}"
    if report.run is not None and report.run.deployed:
        return f"Version {report.run.model_version} is live"
    return TITLES[report.progress]


def _why(report: ProjectReport) -> str:
    if report.progress in ("succeeded", "rejected"):
        return report.gate.partition(": ")[2] if report.gate.startswith(_VERDICTS) else report.gate
    if report.problems:
        return f"{place(report.problems[0])}: {report.problems[0].message}"
    return report.reason


def _annotations(problems: Sequence[ProblemFound]) -> tuple[Annotation, ...]:
    """A problem of a file as a whole stands at its first line: GitHub wants one."""
    return tuple(
        Annotation(
            each.path,
            max(each.line or 1, 1),
            plain_line(each.message, longest=LONGEST_MESSAGE) or "see the summary",
        )
        for each in problems[:MOST_ANNOTATIONS]
    )


def _second(moment: str | None) -> str | None:
    """`2026-11-21T12:34:56.789Z` → `2026-11-21T12:34:56Z`."""
    return f"{moment[:19]}Z" if moment else None
