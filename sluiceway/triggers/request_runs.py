"""Starts the runs that new code or new data ask for, each once.

Whoever publishes `CodePushed` or `DatasetVersioned` has moved its own pointer before, and everything here is
read consistently after: so whichever of two events comes last sees both pointers, and starts the run.
"""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass

from sluiceway.clock import utc_now
from sluiceway.gateways.events import Events
from sluiceway.gateways.executions import Executions
from sluiceway.gateways.ledger import CodePointer, DatasetPointer, EventRecord, Ledger, RunFacts, RunRecord
from sluiceway.gateways.records import Claim, Outcome
from sluiceway.triggers.contracts import CodePushed, DatasetVersioned, RunPipelineInput, RunRequested
from sluiceway.triggers.run_key import RunInputs, run_id

Cause = CodePushed | DatasetVersioned


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
    """What an event means to one project."""

    outcome: Outcome
    reason: str
    run_id: str | None = None


def request_runs(cause: Cause, on: Requesting) -> list[EventRecord]:
    """Decide for each project that the event concerns; raises `TransientError` to be tried again."""
    projects = [cause.project] if isinstance(cause, CodePushed) else on.ledger.subscribers(cause.dataset)
    return [_decide_once(cause, project, on) for project in projects]


def _decide_once(cause: Cause, project: str, on: Requesting) -> EventRecord:
    """A decision stands: the event may be delivered again after its run has ended."""
    decision_id = f"{cause.event_id}.{project}"
    known = on.ledger.event(decision_id)
    if known is not None:
        return known
    decision = _decide(cause, project, on)
    record = EventRecord(
        event_id=decision_id,
        event=type(cause).__name__,
        subject=cause.project if isinstance(cause, CodePushed) else cause.dataset,
        outcome=decision.outcome,
        reason=decision.reason,
        project=project,
        dataset=None if isinstance(cause, CodePushed) else cause.dataset,
        run_id=decision.run_id,
        recorded_at=on.now(),
    )
    on.ledger.record_event(record)
    return record


def _decide(cause: Cause, project: str, on: Requesting) -> Decision:
    code = on.ledger.code_pointer(project)
    if code is None:
        return Decision("waiting", "the project has no code yet")
    if isinstance(cause, DatasetVersioned) and cause.dataset not in code.datasets:
        return Decision("ignored", f"the project's latest code does not use {cause.dataset!r}")
    found = {name: on.ledger.dataset_pointer(name) for name in code.datasets}
    datasets = {name: pointer for name, pointer in found.items() if pointer is not None}
    if _is_superseded(cause, code, datasets):
        return Decision("superseded", "something newer came before; its own event decides")
    missing = [name for name in code.datasets if name not in datasets]
    if missing:
        return Decision("waiting", f"there is no version yet of the dataset {', '.join(missing)}")
    return _request(cause, _inputs(code, datasets), on)


def _is_superseded(cause: Cause, code: CodePointer, datasets: dict[str, DatasetPointer]) -> bool:
    if isinstance(cause, CodePushed):
        return code.code_version != cause.code_version
    latest = datasets.get(cause.dataset)
    return latest is not None and latest.version != cause.dataset_version


def _inputs(code: CodePointer, datasets: dict[str, DatasetPointer]) -> RunInputs:
    return RunInputs(
        project=code.project,
        code_version=code.code_version,
        dataset_versions={name: pointer.version for name, pointer in datasets.items()},
        config=json.loads(code.config),
    )


def _request(cause: Cause, inputs: RunInputs, on: Requesting) -> Decision:
    """Claim the first run of these inputs that is free, or find one that makes it needless."""
    for rerun in itertools.count():
        wanted = _run(cause, inputs, rerun=rerun, on=on)
        claim = on.ledger.claim_run(wanted)
        standing = wanted if claim is Claim.WON else on.ledger.run(wanted.run_id)
        if standing.status == "REQUESTED":
            _start(standing, on)  # also somebody else's, who may have died before it got here
        if claim.ours:
            on.events.publish(_run_requested(standing))
            return Decision("requested", f"run {standing.run_id}", standing.run_id)
        if standing.status != "FAILED":
            reason = f"the same inputs as run {standing.run_id}, which is {standing.status}"
            return Decision("unchanged", reason, standing.run_id)
    raise AssertionError("unreachable")


def _run(cause: Cause, inputs: RunInputs, *, rerun: int, on: Requesting) -> RunRecord:
    return RunRecord(
        run_id=run_id(inputs, rerun=rerun),
        project=inputs.project,
        trigger=cause.trigger,
        event_id=cause.event_id,
        code_version=inputs.code_version,
        dataset_versions=inputs.dataset_versions,
        rerun=rerun,
        requested_at=on.now(),
    )


def _start(run: RunRecord, on: Requesting) -> None:
    """The execution is named after the run: a second start is the first one."""
    given = RunPipelineInput(run_id=run.run_id)
    execution_arn = on.executions.start(on.run_pipeline_arn, run.run_id, given)
    on.ledger.note_run(run.run_id, RunFacts(execution_arn=execution_arn))


def _run_requested(run: RunRecord) -> RunRequested:
    return RunRequested(
        event_id=f"{run.run_id}.requested",
        run_id=run.run_id,
        project=run.project,
        code_version=run.code_version or "",
        dataset_versions=run.dataset_versions,
        trigger=run.trigger,
        rerun=run.rerun,
    )
