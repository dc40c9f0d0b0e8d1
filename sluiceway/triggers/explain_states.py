"""What the ledger's facts about a run say of each state of `run_pipeline`. Pure."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sluiceway.gateways.records import CodePointer, DeploymentRecord, ImageRecord, RunRecord
from sluiceway.triggers.explanation import Progress, StateVerdict

_DIGITS = 12


@dataclass(frozen=True)
class Facts:
    """What the ledger knows of one run."""

    run: RunRecord
    code: CodePointer | None
    image: ImageRecord | None
    before: RunRecord | None
    deployment: DeploymentRecord | None


@dataclass(frozen=True)
class _State:
    """One state: whether it must have been passed, and what is to be said of it."""

    name: str
    passed: Callable[[Facts], bool]
    text: Callable[[Facts], str]


def states_by_ledger(
    run: RunRecord,
    *,
    code: CodePointer | None,
    image: ImageRecord | None,
    before: RunRecord | None,
    deployment: DeploymentRecord | None,
) -> tuple[StateVerdict, ...]:
    """A verdict on each state; none for what was refused before there was an execution."""
    if run.code_version is None:
        return ()
    facts = Facts(run, code, image, before, deployment)
    known = max((at for at, state in enumerate(_STATES) if state.passed(facts)), default=-1)
    return tuple(
        StateVerdict(state=state.name, progress=_progress(at, known, facts), text=state.text(facts))
        for at, state in enumerate(_STATES)
    )


def _progress(at: int, known: int, facts: Facts) -> Progress:
    """States come one after another: what is known of a later one is known of all before it."""
    if at <= known:
        return "done"
    if facts.run.status in ("SUCCEEDED", "REJECTED"):
        return "left out"
    return _NEXT[facts.run.status] if at == known + 1 else "not reached"


_NEXT: dict[str, Progress] = {"FAILED": "failed", "RUNNING": "running", "REQUESTED": "not reached"}
"""By the run's status: what became of the first state of which nothing good is known."""


def _plan(facts: Facts) -> str:
    return f"everything fixed at {facts.run.started_at}" if facts.run.started_at else "fixes everything"


def _image(facts: Facts) -> str:
    """Built or reused, and why."""
    run, image = facts.run, facts.image
    if run.image_tag is None:
        return "an image of the environment"
    tag = run.image_tag[:_DIGITS]
    if image is None or not _is_built(facts):
        return f"image {tag} was not there: {_why_new(facts)}"
    if image.recorded_at < (run.started_at or run.requested_at):
        return f"image {tag} reused, built {image.recorded_at}: the environment is the same"
    build = f" ({image.build_id.rpartition(':')[2]})" if image.build_id else ""
    return f"image {tag} built{build}: {_why_new(facts)}"


def _why_new(facts: Facts) -> str:
    before = facts.before
    if before is None or before.image_tag is None:
        return "the first of this project's environment"
    if before.image_tag == facts.run.image_tag:
        return f"the one that run {before.run_id} wanted was never finished"
    return f"the environment's files are others than in run {before.run_id}"


def _steps(facts: Facts) -> str:
    names: Sequence[str] = facts.run.steps
    if not names and facts.code is not None:
        names = list(json.loads(facts.code.config).get("steps", {}))
    return ", ".join(names) or "the project's steps"


def _registered(facts: Facts) -> str:
    version = facts.run.model_version
    return f"model version {version}" if version else "nothing was registered"


def _deployed(facts: Facts) -> str:
    made, run = facts.deployment, facts.run
    if made is None:
        return "deployed" if run.deployed else "nothing was deployed"
    reason = f": {made.reason}" if made.reason else ""
    return f"{made.endpoint}, model version {made.model_version}: {made.status}{reason}"


def _is_built(facts: Facts) -> bool:
    """An image that came only after the end was built by another run."""
    image, end = facts.image, facts.run.finished_at
    return image is not None and (end is None or image.recorded_at <= end)


def _is_trained(facts: Facts) -> bool:
    return _is_registered(facts) or facts.run.status in ("SUCCEEDED", "REJECTED")


def _is_registered(facts: Facts) -> bool:
    return facts.run.model_version is not None


_STATES = (
    _State("PlanRun", lambda facts: facts.run.image_tag is not None, _plan),
    _State("BuildImage", _is_built, _image),
    _State("RunSteps", _is_trained, _steps),
    _State("EvaluateModels", _is_registered, lambda _: "challenger and champion on the same held-out rows"),
    _State("RegisterModel", _is_registered, _registered),
    _State(
        "DecideGate",
        lambda facts: facts.run.gate is not None,
        lambda facts: facts.run.gate or "the gate's verdict",
    ),
    _State("DeployModel", lambda facts: facts.run.deployed, _deployed),
)
"""Those of `run_pipeline` that decide something, in its order."""
