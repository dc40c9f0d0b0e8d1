"""Gathers from the ledger why a run was made and how it went, and what became of an event.

The ledger alone is enough: it outlives the 90 days for which Step Functions remembers an execution.
"""

from sluiceway.gateways.ledger import CodePointer, EventRecord, Ledger, RunRecord
from sluiceway.triggers.compare_runs import compare_runs
from sluiceway.triggers.explain_states import states_by_ledger
from sluiceway.triggers.explanation import Explanation, Inputs
from sluiceway.triggers.redrive import redrive_id, redriven_run

LOOKED_BACK = 20
"""Runs, among which one that was not refused is looked for."""


def explain_run(run: RunRecord, ledger: Ledger) -> Explanation:
    """From the first event to the end of one run."""
    chain = events_up_to(f"{run.event_id}.{run.project}", ledger)
    code = _code(run, ledger)
    before = _before(run, ledger)
    image = ledger.image(run.image_tag) if run.image_tag else None
    deployment = ledger.find_deployment(run.run_id)
    retry = ledger.event(f"{redrive_id(run.run_id)}.{run.project}")
    return Explanation(
        events=chain,
        run=run,
        inputs=_inputs(run, code, chain, ledger),
        before=before,
        differences=compare_runs(before, run, _code(before, ledger), code) if before else (),
        image=image,
        states=states_by_ledger(run, code=code, image=image, before=before, deployment=deployment),
        deployment=deployment,
        retry_of=redriven_run(run.event_id),
        retried_as=retry.run_id if retry else None,
    )


def explain_event(event: EventRecord, ledger: Ledger) -> Explanation:
    """The events that led to this one, and what followed from it."""
    chain = events_up_to(event.event_id, ledger)
    return Explanation(events=(*chain, *_following(event, ledger)))


def events_up_to(event_id: str, ledger: Ledger) -> tuple[EventRecord, ...]:
    """The recorded events that an id names: each is its cause's id, a dot, and what followed from it."""
    parts = event_id.split(".")
    ids = [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
    return tuple(event for event in map(ledger.event, ids) if event is not None)


def _following(event: EventRecord, ledger: Ledger) -> list[EventRecord]:
    """Settling follows from an upload, and a decision for each project from what is new."""
    names = {"settled", *([event.project] if event.project else [])}
    names |= set(ledger.subscribers(event.dataset)) if event.dataset else set()
    settled = ledger.settled_after(event.event_id)
    ids = [f"{event.event_id}.{name}" for name in sorted(names)]
    ids += [settled, *(f"{settled}.{name}" for name in sorted(names))] if settled else []
    found = [ledger.event(each) for each in dict.fromkeys(ids)]
    return [later for each in found if each for later in (each, *_following(each, ledger))]


def _code(run: RunRecord, ledger: Ledger) -> CodePointer | None:
    return ledger.code(run.project, run.code_version) if run.code_version else None


def _before(run: RunRecord, ledger: Ledger) -> RunRecord | None:
    """The run before that had inputs; previews are compared with previews."""
    earlier = ledger.runs(run.project, before=run.requested_at, limit=LOOKED_BACK)
    return next((each for each in earlier if each.code_version and each.preview == run.preview), None)


def _inputs(
    run: RunRecord, code: CodePointer | None, chain: tuple[EventRecord, ...], ledger: Ledger
) -> Inputs:
    datasets = [ledger.dataset(name, version) for name, version in run.dataset_versions.items()]
    keys = [event.run_key for event in chain if event.run_id == run.run_id and event.run_key]
    return Inputs(
        code=code,
        datasets=tuple(each for each in datasets if each is not None),
        run_key=keys[-1] if keys else None,
    )
