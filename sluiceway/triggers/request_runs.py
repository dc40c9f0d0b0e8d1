"""Starts the runs that events ask for, each once.

Whoever publishes `CodePushed` or `DatasetVersioned` has moved its own pointer before, and everything here is
read consistently after: so whichever of two events comes last sees both pointers, and starts the run.
"""

import itertools
import json
from collections.abc import Callable

from sluiceway.gateways.executions import execution_arn
from sluiceway.gateways.ledger import CodePointer, EventRecord, Ledger, RunFacts, RunRecord
from sluiceway.gateways.records import Claim
from sluiceway.triggers.contracts import (
    DatasetVersioned,
    RunAsked,
    RunPipelineInput,
    RunRequested,
    ScheduleFired,
    Trigger,
)
from sluiceway.triggers.decide import Cause, Verdict, decide, schedule_of
from sluiceway.triggers.overlap import settle_turn
from sluiceway.triggers.refuse_run import refuse_run
from sluiceway.triggers.requesting import Decision, unchanged
from sluiceway.triggers.requesting import Requesting as Requesting
from sluiceway.triggers.run_key import RunInputs, run_id, run_key
from sluiceway.triggers.situation import CodeFound, Concerned, Situation
from sluiceway.triggers.turns import note_fired, take_turn
from sluiceway.triggers.wish import wished_datasets


def request_runs(cause: Cause, on: Requesting) -> list[EventRecord]:
    """Decide for each project that the event concerns; raises `TransientError` to be tried again."""
    if isinstance(cause, DatasetVersioned):
        return [_decide_once(cause, project, on) for project in _concerned(cause, on.ledger)]
    return [_decide_once(cause, cause.project, on)]


def _concerned(cause: DatasetVersioned, ledger: Ledger) -> tuple[str, ...]:
    """Who comes later sees the version by its own push: an old event that is told again is nothing to it."""
    if cause.project is not None:
        return (cause.project,)
    found = Concerned(projects=tuple(ledger.subscribers(cause.dataset)))
    return ledger.hold(cause.event_id, found).projects


def _decide_once(cause: Cause, project: str, on: Requesting) -> EventRecord:
    """A decision stands: the event may be delivered again after its run has ended.

    So does what it is made on: who was killed after claiming a run finds that run again, whatever came since.
    """
    decision_id = f"{cause.event_id}.{project}"
    known = on.ledger.event(decision_id)
    if known is not None:
        return known
    found = on.ledger.hold(decision_id, _seen(cause, project, on))
    verdict = decide(cause, found)
    decision = _act(cause, verdict, found, on)
    if isinstance(cause, ScheduleFired):
        note_fired(cause, decision_id, on)
    dataset = cause.dataset if isinstance(cause, DatasetVersioned) else None
    record = EventRecord(
        event_id=decision_id,
        event=type(cause).__name__,
        subject=dataset or project,
        outcome=decision.outcome,
        reason=decision.reason,
        project=project,
        dataset=dataset,
        run_id=decision.run_id,
        cause=cause.model_dump(mode="json", exclude_none=True),
        situation=found.model_dump(mode="json", exclude_none=True),
        run_key=run_key(verdict.inputs) if verdict.inputs else None,
        recorded_at=on.now(),
    )
    on.ledger.record_event(record)
    return record


def _seen(cause: Cause, project: str, on: Requesting) -> Situation:
    """The situation; a moment of a schedule has taken its turn, or knows which run goes on."""
    found = read_situation(cause, project, on.ledger)
    if not isinstance(cause, ScheduleFired) or found.code is None or schedule_of(cause, found.code) is None:
        return found
    going = take_turn(cause, on.ledger, _decide_fired(on))
    if going is None:
        return found
    return found.model_copy(update={"going": going.run_id, "going_since": going.scheduled_at})


def _decide_fired(on: Requesting) -> Callable[[ScheduleFired], EventRecord]:
    return lambda fired: _decide_once(fired, fired.project, on)


def read_situation(cause: Cause, project: str, ledger: Ledger) -> Situation:
    """What the ledger says at this moment of everything that the rules look at."""
    asked = cause if isinstance(cause, RunAsked) else None
    code = _code(asked, project, ledger)
    known = _found(code)
    names = known.datasets if known else ()
    if asked and known:
        names = wished_datasets(asked, known)
    pointers = {name: ledger.dataset_pointer(name) for name in names}
    wanted = asked.dataset_versions if asked else {}
    return Situation(
        project=project,
        code=known,
        datasets={name: pointer.version for name, pointer in pointers.items() if pointer is not None},
        known_versions={name: ledger.dataset(name, version) is not None for name, version in wanted.items()},
    )


def _code(asked: RunAsked | None, project: str, ledger: Ledger) -> CodePointer | None:
    if asked is not None and asked.code_version is not None:
        return ledger.code(project, asked.code_version)
    return ledger.code_pointer(project)


def _found(code: CodePointer | None) -> CodeFound | None:
    if code is None:
        return None
    return CodeFound(
        code_version=code.code_version,
        datasets=code.datasets,
        config=json.loads(code.config),
        parameters=code.parameters,
        commit=code.commit,
        retired=code.retired,
    )


def _act(cause: Cause, verdict: Verdict, found: Situation, on: Requesting) -> Decision:
    """Do what the rules say."""
    if isinstance(cause, ScheduleFired):
        settled = settle_turn(cause, verdict, on, decide=_decide_fired(on))
        if settled is not None:
            return settled
    if verdict.inputs is not None:
        return _request(cause, verdict.inputs, found, on)
    refused = _refuse(cause, verdict, found, on) if verdict.outcome == "refused" else None
    return Decision(verdict.outcome, verdict.reason, refused)


def _refuse(cause: Cause, verdict: Verdict, found: Situation, on: Requesting) -> str:
    """Whoever asked finds a failed run with the reason."""
    return refuse_run(
        found.project,
        event_id=cause.event_id,
        reason=verdict.reason,
        trigger=trigger_of(cause),
        at=on.now(),
        ledger=on.ledger,
        events=on.events,
    )


def _request(cause: Cause, inputs: RunInputs, found: Situation, on: Requesting) -> Decision:
    """Claim the first run of these inputs that is free, or find one that makes it needless."""
    for rerun in itertools.count():
        wanted = _run(cause, inputs, rerun=rerun, found=found, on=on)
        claim = on.ledger.claim_run(wanted)
        standing = wanted if claim is Claim.WON else on.ledger.run(wanted.run_id)
        if standing.status == "REQUESTED":
            _start(standing, on)  # also somebody else's, who may have died before it got here
        elif claim.ours and standing.execution_arn is None:
            _note_execution(standing, on)
        if claim.ours:
            on.events.publish(_run_requested(standing))
            return Decision("requested", f"run {standing.run_id}", standing.run_id)
        if standing.status != "FAILED":
            return unchanged(standing)
    raise AssertionError("unreachable")


def trigger_of(cause: Cause) -> Trigger:
    """Why a run of this cause started."""
    return "schedule" if isinstance(cause, ScheduleFired) else cause.trigger


def _run(cause: Cause, inputs: RunInputs, *, rerun: int, found: Situation, on: Requesting) -> RunRecord:
    asked = cause if isinstance(cause, RunAsked) else None
    commit = (asked.commit if asked else None) or (found.code.commit if found.code else None)
    return RunRecord(
        run_id=run_id(inputs, rerun=rerun),
        project=inputs.project,
        trigger=trigger_of(cause),
        event_id=cause.event_id,
        code_version=inputs.code_version,
        dataset_versions=inputs.dataset_versions,
        parameters=inputs.parameters,
        steps=inputs.steps,
        preview=inputs.preview,
        schedule=cause.schedule if isinstance(cause, ScheduleFired) else None,
        asked_by=asked.asked_by if asked else None,
        commit=commit,
        rerun=rerun,
        requested_at=on.now(),
    )


def _start(run: RunRecord, on: Requesting) -> None:
    """The execution is named after the run: a second start is the first one."""
    given = RunPipelineInput(run_id=run.run_id)
    arn = on.executions.start(on.run_pipeline_arn, run.run_id, given)
    on.ledger.note_run(run.run_id, RunFacts(execution_arn=arn))


def _note_execution(run: RunRecord, on: Requesting) -> None:
    """Who started it was killed before saying so, and it has gone on since: it is not started again."""
    arn = execution_arn(on.run_pipeline_arn, run.run_id)
    on.ledger.note_run(run.run_id, RunFacts(execution_arn=arn))


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
