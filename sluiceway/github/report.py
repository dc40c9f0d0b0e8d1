"""What is told on GitHub about one project of one commit: its facts, and how far it is. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sluiceway.gateways.records import DeploymentRecord, EndpointRecord, EventRecord, RunRecord
from sluiceway.github.contracts import ProblemFound, ProjectChecked
from sluiceway.github.price import Price
from sluiceway.models.scores import Scores
from sluiceway.projects.contracts import SluiceConfig
from sluiceway.triggers.contracts import RunStatus

Progress = Literal[
    "checking",  # nothing is known yet
    "invalid",  # its files have problems
    "planned",  # validated, and not tried
    "waiting",  # something is missing before it can be tried
    "running",
    "succeeded",  # the gate let the model through
    "rejected",  # the gate said no
    "failed",
]
DONE: frozenset[Progress] = frozenset({"invalid", "planned", "succeeded", "rejected", "failed"})
"""Nothing more comes by itself."""


@dataclass(frozen=True, kw_only=True)
class ProjectReport:
    """One project of one commit, as the ledger and the run's results show it at one moment."""

    project: str
    sha: str
    progress: Progress
    reason: str = ""
    problems: tuple[ProblemFound, ...] = ()
    run: RunRecord | None = None
    unchanged: bool = False
    """The run is an earlier one of the very same inputs."""
    scores: Scores | None = None
    gate: str = ""
    """The gate's verdict in words."""
    config: SluiceConfig | None = None
    endpoint: str = ""
    """Name of the project's endpoint, which may not exist yet."""
    live: EndpointRecord | None = None
    deployment: DeploymentRecord | None = None
    run_price: Price | None = None
    endpoint_price: Price | None = None


@dataclass(frozen=True)
class Found:
    """What the ledger says of a project of a commit."""

    checked: ProjectChecked | None
    decision: EventRecord | None
    """On the preview that was asked for."""
    run: RunRecord | None
    """The newest run of this commit, or the one that the decision found."""


@dataclass(frozen=True)
class Standing:
    """How far it is, and why."""

    progress: Progress
    reason: str


def standing(found: Found) -> Standing:
    """The rules, first match: problems, then the run, then the decision, then what the check said."""
    if found.checked is not None and found.checked.outcome == "invalid":
        return Standing("invalid", found.checked.reason)
    if found.run is not None:
        return Standing(_OF_RUN[found.run.status], found.run.reason)
    if found.decision is not None:
        return Standing(_OF_DECISION.get(found.decision.outcome, "planned"), found.decision.reason)
    if found.checked is not None and found.checked.outcome == "planned":
        return Standing("planned", found.checked.reason)
    return Standing("checking", "")


_OF_RUN: Mapping[RunStatus, Progress] = {
    "REQUESTED": "running",
    "RUNNING": "running",
    "SUCCEEDED": "succeeded",
    "REJECTED": "rejected",
    "FAILED": "failed",
}
_OF_DECISION: Mapping[str, Progress] = {
    "requested": "running",
    "queued": "waiting",
    "waiting": "waiting",
    "refused": "failed",
}
"""By outcome; of every other nothing follows."""
