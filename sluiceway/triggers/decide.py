"""The rules: what an event means to a project, given what the ledger says. Pure: it can be asked again.

`sluice replay` puts recorded events and situations through these rules once more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sluiceway.gateways.records import Outcome
from sluiceway.projects.contracts import SluiceConfig
from sluiceway.projects.schedule import Overlap, Schedule
from sluiceway.triggers.contracts import CodePushed, DatasetVersioned, RunAsked, ScheduleFired
from sluiceway.triggers.run_key import RunInputs
from sluiceway.triggers.situation import CodeFound, Situation
from sluiceway.triggers.wish import complaint, wished_datasets, wished_parameters, wished_steps

Cause = CodePushed | DatasetVersioned | ScheduleFired | RunAsked
CAUSES: Mapping[str, type[Cause]] = {
    kind.__name__: kind for kind in (CodePushed, DatasetVersioned, ScheduleFired, RunAsked)
}
"""By EventBridge's detail type."""


@dataclass(frozen=True)
class Verdict:
    """What is to be done: a run of these inputs, or nothing, and why."""

    outcome: Outcome
    reason: str
    inputs: RunInputs | None = None
    """Given when a run is wanted; whether it is a new one is found out by claiming it."""
    going: str | None = None
    """The run of the same schedule for which this is skipped, or waits; or that is to be stopped first."""


def decide(cause: Cause, found: Situation) -> Verdict:
    """What an event means to one project."""
    if found.code is None:
        return _NO_CODE[type(cause)](found)
    if found.code.retired is not None:
        return _retired(cause, found.code.retired)
    return _overtaken(cause, found, found.code) or _RULES[type(cause)](cause, found, found.code)


def _waits(_found: Situation) -> Verdict:
    return Verdict("waiting", "the project has no code yet")


def _unknown(found: Situation) -> Verdict:
    return Verdict("refused", f"there is no such code of the project {found.project!r}: push it first")


_NO_CODE: Mapping[type[Cause], Callable[[Situation], Verdict]] = {
    CodePushed: _waits,
    DatasetVersioned: _waits,
    ScheduleFired: lambda found: Verdict("ignored", f"there is no project {found.project!r}"),
    RunAsked: _unknown,
}


def _retired(cause: Cause, why: str) -> Verdict:
    """Who asks by hand may still name a code version: only the latest code is retired."""
    if isinstance(cause, RunAsked):
        advice = "push its code again, or name one of its code versions"
        return Verdict("refused", f"the project is retired: {why}: {advice}")
    return Verdict("ignored", f"the project is retired: {why}")


def _overtaken(cause: Cause, found: Situation, code: CodeFound) -> Verdict | None:
    """Whether the event is about something that is no longer the latest."""
    if isinstance(cause, DatasetVersioned):
        if cause.dataset not in code.datasets:
            return Verdict("ignored", f"the project's latest code does not use {cause.dataset!r}")
        latest = found.datasets.get(cause.dataset)
        return _SUPERSEDED if latest is not None and latest != cause.dataset_version else None
    if isinstance(cause, CodePushed) and code.code_version != cause.code_version:
        return _SUPERSEDED
    return None


_SUPERSEDED = Verdict("superseded", "something newer came before; its own event decides")


def _changed(_cause: Cause, found: Situation, code: CodeFound) -> Verdict:
    """New code or new data: a run of the latest of everything."""
    return _wanted(found, code)


def _fired(cause: Any, found: Situation, code: CodeFound) -> Verdict:
    """A schedule: as the latest `sluice.yaml` describes it."""
    schedule = schedule_of(cause, code)
    if schedule is None:
        return Verdict(
            "ignored", f"the project's latest code has no schedule {cause.schedule!r} that is enabled"
        )
    occasion = cause.event_id if schedule.always else None
    wanted = _wanted(found, code, parameters=schedule.parameters, occasion=occasion)
    if wanted.inputs is None or found.going is None:
        return wanted
    return _OVERLAPS[schedule.overlap](cause, found, wanted)


def schedule_of(cause: ScheduleFired, code: CodeFound) -> Schedule | None:
    """The schedule of a moment, if the code still has it, and it is enabled; retired code has none."""
    if code.retired is not None:
        return None
    schedules = SluiceConfig.model_validate(code.config).schedule
    return next((each for each in schedules if each.name == cause.schedule and each.enabled), None)


def _skip(_cause: Any, found: Situation, _wanted: Verdict) -> Verdict:
    return Verdict("skipped", f"run {found.going} of this schedule still goes on", going=found.going)


def _queue(_cause: Any, found: Situation, _wanted: Verdict) -> Verdict:
    reason = f"waits for the end of run {found.going}; moments that wait together have one run"
    return Verdict("queued", reason, going=found.going)


def _cancel(cause: Any, found: Situation, wanted: Verdict) -> Verdict:
    """A moment that comes late does not cancel the run of one that followed it."""
    if found.going_since is not None and found.going_since > cause.scheduled_at:
        return Verdict(
            "superseded", f"run {found.going} is of a later moment of this schedule", going=found.going
        )
    return replace(wanted, going=found.going)


_OVERLAPS: Mapping[Overlap, Callable[[Any, Situation, Verdict], Verdict]] = {
    "skip": _skip,
    "queue": _queue,
    "cancel": _cancel,
}


def _asked(cause: Any, found: Situation, code: CodeFound) -> Verdict:
    """Somebody's wish: with the versions, parameters and steps that it names."""
    reason = complaint(cause, found, code)
    if reason:
        return Verdict("refused", reason)
    return _wanted(
        found,
        code,
        uses=wished_datasets(cause, code),
        datasets=cause.dataset_versions,
        parameters=wished_parameters(cause, code),
        steps=wished_steps(cause, code),
        preview=cause.preview,
        occasion=cause.event_id if cause.force else None,
    )


_RULES: Mapping[type[Cause], Callable[[Any, Situation, CodeFound], Verdict]] = {
    CodePushed: _changed,
    DatasetVersioned: _changed,
    ScheduleFired: _fired,
    RunAsked: _asked,
}


def _wanted(
    found: Situation,
    code: CodeFound,
    *,
    uses: tuple[str, ...] | None = None,
    datasets: Mapping[str, str] | None = None,
    **more: Any,
) -> Verdict:
    """A run, once every dataset has a version."""
    names = code.datasets if uses is None else uses
    versions = {**found.datasets, **(datasets or {})}
    missing = [name for name in names if name not in versions]
    if missing:
        return Verdict("waiting", f"there is no version yet of the dataset {', '.join(missing)}")
    inputs = RunInputs(
        project=found.project,
        code_version=code.code_version,
        dataset_versions={name: versions[name] for name in names},
        config=code.config,
        **more,
    )
    return Verdict("requested", "a run is wanted", inputs)
