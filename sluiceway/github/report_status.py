"""A commit status: a state and one line. For pushes, and where a token may not write check runs. Pure."""

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


@dataclass(frozen=True)
class CommitStatus:
    """What stands beside a commit."""

    context: str
    state: State
    description: str


def commit_status(report: ProjectReport) -> CommitStatus:
    """Of one project; the description ends with the run, to be looked for with `sluice watch`."""
    run = f" [{report.run.run_id}]" if report.run else ""
    said = plain_line(title(report), longest=LONGEST - len(run))
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
        plain_line(said, longest=LONGEST),
    )


_OF_DEPLOYMENT: Mapping[DeploymentStatus, State] = {
    "IN_PROGRESS": "pending",
    "SUCCEEDED": "success",
    "FAILED": "failure",
}
