"""`sluice why`: which event, which versions, and what decided each state of a run."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from sluiceway.cli.completion import complete_run
from sluiceway.cli.finding import find_run, nearest
from sluiceway.cli.history import StateProgress, merge_loops, nested_arn, read_history, states_of
from sluiceway.cli.listing import print_json
from sluiceway.cli.scores import read_scores
from sluiceway.cli.stage import DEFAULT_STAGE, JsonOption, Stage, StageOption, open_stage
from sluiceway.errors import NotFound

if TYPE_CHECKING:
    from sluiceway.gateways.records import EventRecord, RunRecord
    from sluiceway.training.contracts import Score
    from sluiceway.triggers.explanation import Explanation, StateVerdict

RECENT = 200
"""Events among which the beginning of an id is looked for."""


def why(
    what: Annotated[
        str | None,
        typer.Argument(
            help="run, project, id of an event, or none for the latest run", autocompletion=complete_run
        ),
    ] = None,
    as_json: JsonOption = False,
    stage: StageOption = DEFAULT_STAGE,
) -> None:
    """Tell why a run was made and how it came to its end, or what became of an event."""
    from sluiceway.cli.why_view import show_explanation

    found = explain(open_stage(stage), what)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        show_explanation(found)


def explain(stage: Stage, what: str | None) -> "Explanation":
    """The explanation of a run, or of an event; raises `NotFound` where the word means neither."""
    from sluiceway.triggers.explain_run import explain_event, explain_run

    event = find_event(stage, what) if what else None
    if event is not None:
        return explain_event(event, stage.ledger)
    run = find_run(stage.ledger, what)
    told = with_times(explain_run(run, stage.ledger), _history(stage, run))
    return with_scores(told, _scores(stage, run))


def find_event(stage: Stage, word: str) -> "EventRecord | None":
    """Find an event by its id or the beginning of it, unless the word means a run."""
    ledger = stage.ledger
    if ledger.find_run(word) is not None:
        return None
    exact = ledger.event(word)
    if exact is not None or ledger.code_pointer(word) is not None:
        return exact
    started = [event for event in ledger.events(limit=RECENT) if event.event_id.startswith(word)]
    if len({event.event_id.partition(".")[0] for event in started}) > 1:
        names = nearest(word, [event.event_id for event in started])
        raise NotFound(f"several events begin with {word!r}{names}; `sluice events` lists them")
    return min(started, key=lambda event: len(event.event_id), default=None)


def _scores(stage: Stage, run: "RunRecord") -> "list[Score]":
    try:
        return read_scores(stage, run)
    except NotFound:
        return []


def with_scores(told: "Explanation", scores: "Sequence[Score]") -> "Explanation":
    """The explanation with what each candidate reached on the held-out rows."""
    texts = [f"{_candidate(score)} {_metrics(score)}" for score in scores]
    states = [
        state.model_copy(update={"text": "; ".join(texts)})
        if texts and state.state == "EvaluateModels"
        else state
        for state in told.states
    ]
    return told.model_copy(update={"states": tuple(states)})


def _candidate(score: "Score") -> str:
    return f"{score.role} {score.model_version}" if score.model_version else score.role


def _metrics(score: "Score") -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in score.metrics.items() if value is not None)


def _history(stage: Stage, run: "RunRecord") -> tuple[StateProgress, ...]:
    """Nothing after 90 days: then Step Functions has forgotten it, and the ledger alone tells."""
    arn = run.execution_arn or nested_arn(stage.settings.run_pipeline_arn, run.run_id)
    return states_of(read_history(stage.client("stepfunctions"), arn))


def with_times(told: "Explanation", history: Sequence[StateProgress]) -> "Explanation":
    """The explanation with what the execution's history knows better: how each state went, and how long."""
    visits = {visit.name: visit for visit in merge_loops(history)}
    if not visits:
        return told
    steps = [visit for visit in history if visit.name == "RunStep"]
    states = [each for state in told.states for each in (_timed(state, visits), *_steps(state, steps))]
    return told.model_copy(update={"states": tuple(states)})


def _timed(state: "StateVerdict", visits: Mapping[str, StateProgress]) -> "StateVerdict":
    visit = visits.get(state.state)
    if visit is not None:
        return state.model_copy(update=_of(visit))
    guessed = state.progress in ("failed", "running")
    return state.model_copy(update={"progress": "not reached"}) if guessed else state


def _steps(state: "StateVerdict", visits: Sequence[StateProgress]) -> "Iterator[StateVerdict]":
    """Steps run one after another, in their order: the map's visits are theirs."""
    if state.state == "RunSteps":
        for name, visit in zip(state.text.split(", "), visits, strict=False):
            yield state.model_copy(update={"state": name, "within": state.state, "text": "", **_of(visit)})


def _of(visit: StateProgress) -> dict[str, object]:
    seconds = (visit.ended - visit.started).total_seconds() if visit.ended else None
    return {"progress": _PROGRESS[visit.status], "seconds": seconds}


_PROGRESS = {"RUNNING": "running", "SUCCEEDED": "done", "FAILED": "failed"}
"""The history's words in those of an explanation."""
