"""Runs what a dispatch asks for: `workflow_dispatch` of our workflow, or `repository_dispatch` of our type.

Whoever may dispatch may push to the repository: GitHub has checked that. What is run is the code of the
branch that was dispatched on, as it is now.
"""

from sluiceway.errors import PermanentError
from sluiceway.gateways.records import EventRecord
from sluiceway.github.commands import InvalidCommand, read_inputs
from sluiceway.github.contracts import Delivery, DispatchTold
from sluiceway.github.handling import Handling
from sluiceway.github.names import HEADS, delivery_event_id
from sluiceway.github.wishes import chosen, run_of_commit
from sluiceway.triggers.contracts import Commit, RunAsked

EVENT = "RunDispatched"
OURS = frozenset({".github/workflows/sluiceway.yml", ".github/workflows/sluiceway.yaml", "sluiceway-run"})
"""The workflow's path, or the `event_type`: every other one is somebody else's."""


def take_dispatch(delivery: Delivery, told: DispatchTold, on: Handling) -> EventRecord:
    """Once for each delivery: GitHub gives a dispatch no other name."""
    asked = f"{delivery_event_id(delivery.delivery_id)}.run"
    subject = f"{delivery.repository}: {told.name}"[:512]
    known = on.ledger.event(asked)
    if known is not None:
        return known
    if told.name not in OURS:
        reason = f"only {', '.join(sorted(OURS))} are meant for us"
        return on.record(asked, EVENT, subject, outcome="ignored", reason=reason)
    try:
        # What was first understood stands: the branch may have moved since its wish was published.
        wish = on.ledger.held(asked, RunAsked) or on.ledger.hold(asked, _wish(asked, delivery, told, on))
    except (PermanentError, ValueError) as error:
        return on.record(asked, EVENT, subject, outcome="refused", reason=str(error))
    on.events.publish(wish)
    reason = f"{delivery.sender} asks for a run"
    return on.record(asked, EVENT, subject, outcome="requested", reason=reason, project=wish.project)


def _wish(asked: str, delivery: Delivery, told: DispatchTold, on: Handling) -> RunAsked:
    command = read_inputs(told.inputs)
    branch = _branch(delivery.repository, told, on)
    sha = on.github.head(delivery.repository, branch)
    if sha is None:
        raise InvalidCommand(f"there is no branch {branch!r}")
    return run_of_commit(
        command,
        chosen(command, on.projects_at(delivery.repository, sha)),
        event_id=asked,
        asked_by=f"{delivery.sender} on {delivery.repository}"[:256],
        commit=Commit(repository=delivery.repository, sha=sha, ref=f"{HEADS}{branch}"),
        preview=False,
        on=on,
    )


def _branch(repository: str, told: DispatchTold, on: Handling) -> str:
    """Only connected branches: others are tried in pull requests, as previews."""
    connected = on.settings.repository(repository)
    branch = (told.ref or "").removeprefix(HEADS)
    if connected is None or branch not in connected.branches:
        raise InvalidCommand(f"{branch!r} is not a branch that is connected: dispatch on one that is")
    return branch
