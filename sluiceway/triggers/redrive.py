"""Tries a failed run again. Its end state stands: what is made is another run, of the same inputs.

Step Functions could redrive the execution itself, and must not: the ledger, the bus and whoever listens were
told that the run FAILED, and a model that such a run registered or deployed afterwards would be nobody's.
The new try is asked for by an event whose id follows from the failed run's: asked twice, it is one run.
"""

import json
from dataclasses import dataclass

from sluiceway.errors import PermanentError
from sluiceway.gateways.ledger import CodePointer, Ledger, RunRecord
from sluiceway.triggers.contracts import RunAsked
from sluiceway.triggers.run_key import RunInputs, run_id

_ENDING = ".redrive"


class NothingToRedrive(PermanentError):
    """A run that has not failed, or one that never had anything to run."""


@dataclass(frozen=True)
class Redrive:
    """What is to be done about a failed run."""

    run: RunRecord
    ask: RunAsked
    decided: str | None
    """How the same was decided before; None: it was not asked yet."""
    retried_as: str | None
    """The run that was made of it."""


def redrive_id(run_id: str) -> str:
    """Id of the event that asks for a new try of a run."""
    return f"{run_id}{_ENDING}"


def redriven_run(event_id: str) -> str | None:
    """The run that the event of this id tries again, where it is such an event."""
    return event_id.removesuffix(_ENDING) if event_id.endswith(_ENDING) else None


def plan_redrive(run: RunRecord, ledger: Ledger) -> Redrive:
    """The event that asks for a new try; raises `NothingToRedrive`."""
    if run.code_version is None:
        raise NothingToRedrive(f"run {run.run_id} was refused before it began, push again: {run.reason}")
    if run.ended and run.status != "FAILED":
        raise NothingToRedrive(f"run {run.run_id} is {run.status}: only what FAILED is tried again")
    ask = _ask(run, ledger)
    decided = ledger.event(f"{ask.event_id}.{run.project}")
    told = f"{decided.outcome}: {decided.reason}" if decided else None
    return Redrive(run, ask, told, decided.run_id if decided else None)


def _ask(run: RunRecord, ledger: Ledger) -> RunAsked:
    return RunAsked(
        event_id=redrive_id(run.run_id),
        project=run.project,
        code_version=run.code_version,
        dataset_versions=run.dataset_versions,
        parameters=run.parameters,
        steps=run.steps,
        preview=run.preview,
        force=_had_an_occasion(run, ledger),
        asked_by=f"redrive of {run.run_id}",
        commit=run.commit,
    )


def _had_an_occasion(run: RunRecord, ledger: Ledger) -> bool:
    """A run that was forced has its event in its id: without force its new try might be `unchanged`."""
    code = ledger.code(run.project, run.code_version or "")
    return code is None or run_id(_inputs(run, code), rerun=run.rerun) != run.run_id


def _inputs(run: RunRecord, code: CodePointer) -> RunInputs:
    return RunInputs(
        project=run.project,
        code_version=code.code_version,
        dataset_versions=run.dataset_versions,
        parameters=run.parameters,
        steps=run.steps,
        preview=run.preview,
        config=json.loads(code.config),
    )
