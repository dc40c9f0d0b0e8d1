"""A commit status: a state and one line. For pushes, and where a token may not write check runs. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sluiceway.gateways.records import DeploymentStatus
from sluiceway.github.check_run import check_name, title
from sluiceway.github.comment_text_escape import plain_line
from sluiceway.github.comment_text_project import DEPLOYED
from sluiceway.github.report import Progress, ProjectReport

State = Literal["pending", "success", "failure", "error"]
STATES: Mapping[Progress, State] = {
    "checking": "pending",
    "invalid": "failure",
    "planned": "success",
    "waiting": "pending",
    "running": "pending",
    "succeeded": "success",
    "rejected": "failure",
    "failed": "error",
}
"""`failure`: it was judged, and the answer is no. `error`: it could not be judged."""
LONGEST = 140
"""characters that GitHub takes of a description"""
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
"""Emoji and the like: GitHub refuses a description with one ("doesn't accept 4-byte Unicode")."""


@dataclass(frozen=True)
class CommitStatus:
    """What stands beside a commit."""

    context: str
    state: State
    description: str


def commit_status(report: ProjectReport) -> CommitStatus:
    """Of one project; the description ends with the run, to be looked for with `sluice watch`."""
    run = f" [{report.run.run_id}]" if report.run else ""
    said = _description(title(report), longest=LONGEST - len(run))
    return CommitStatus(check_name(report.project), STATES[report.progress], f"{said}{run}")


def deployment_status(report: ProjectReport) -> CommitStatus | None:
    """Of the deployment of what the commit's run made, where there was one."""
    made = report.deployment
    if made is None:
        return None
    why = f": {made.reason}" if made.reason else ""
    said = f"version {made.model_version} of {report.project} {DEPLOYED[made.status]} {made.endpoint}{why}"
    return CommitStatus(
        f"{check_name(report.project)}/deployment",
        _OF_DEPLOYMENT[made.status],
        _description(said, longest=LONGEST),
    )


def _description(text: str, *, longest: int) -> str:
    return _BEYOND.sub("\ufffd", plain_line(text, longest=longest))


_OF_DEPLOYMENT: Mapping[DeploymentStatus, State] = {
    "IN_PROGRESS": "pending",
    "SUCCEEDED": "success",
    "FAILED": "failure",
}
