"""The events of the bus of which GitHub is told."""

from collections.abc import Mapping

from sluiceway.github.contracts import ProjectChecked, PullRequestChecked
from sluiceway.triggers.contracts import DeploymentFinished, RunFinished, RunRequested

Told = RunRequested | RunFinished | DeploymentFinished | ProjectChecked | PullRequestChecked
TOLD: Mapping[str, type[Told]] = {
    kind.__name__: kind
    for kind in (RunRequested, RunFinished, DeploymentFinished, ProjectChecked, PullRequestChecked)
}
"""By EventBridge's detail type."""
