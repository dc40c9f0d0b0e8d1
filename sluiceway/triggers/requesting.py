"""What the decisions on runs need of the outside world, and what comes of them."""

from collections.abc import Callable
from dataclasses import dataclass

from sluiceway.clock import utc_now
from sluiceway.gateways.events import Events
from sluiceway.gateways.executions import Executions
from sluiceway.gateways.ledger import Ledger, RunRecord
from sluiceway.gateways.records import Outcome


@dataclass(frozen=True, kw_only=True)
class Requesting:
    """The outside world of `request_runs`."""

    ledger: Ledger
    events: Events
    executions: Executions
    run_pipeline_arn: str
    now: Callable[[], str] = utc_now


@dataclass(frozen=True)
class Decision:
    """What came of an event for one project."""

    outcome: Outcome
    reason: str
    run_id: str | None = None


def unchanged(run: RunRecord) -> Decision:
    """There is a run of the same inputs."""
    return Decision("unchanged", f"the same inputs as run {run.run_id}, which is {run.status}", run.run_id)
