"""`sluice redrive`: failed runs are tried again, and dead letters sent on to where they were to go."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from sluiceway.cli.completion import complete_run
from sluiceway.cli.finding import find_run, nearest
from sluiceway.cli.history import nested_arn, read_history
from sluiceway.cli.listing import Column, ago, print_json, show
from sluiceway.cli.stage import DEFAULT_STAGE, JsonOption, Stage, StageOption, open_stage
from sluiceway.errors import NotFound, PermanentError

if TYPE_CHECKING:
    from sluiceway.gateways.records import RunRecord
    from sluiceway.triggers.dead_letters import DeadLetter
    from sluiceway.triggers.redrive import Redrive
    from sluiceway.triggers.redrive_letters import LetterQueue, Sent

LETTERS: "tuple[Column[DeadLetter], ...]" = (
    Column("queue", lambda each: each.queue),
    Column("sent", lambda each: ago(each.sent_at)),
    Column("about", lambda each: each.about),
    Column("to", lambda each: (each.target or "its queue").rpartition(":")[2], detail=True),
    Column("reason", lambda each: each.reason, style=lambda _: "red", folds=True),
)
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="only show what would be done")]


def redrive(
    what: Annotated[
        str | None,
        typer.Argument(help="a failed run; with --dead-letters a queue", autocompletion=complete_run),
    ] = None,
    dead_letters: Annotated[
        bool, typer.Option("--dead-letters", help="send dead letters on: of one queue, or of all")
    ] = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    stage: StageOption = DEFAULT_STAGE,
) -> None:
    """Try a failed run again, by another run of the same inputs; or send dead letters on."""
    opened = open_stage(stage)
    if dead_letters:
        _redrive_letters(opened, what, dry_run=dry_run, as_json=as_json)
    elif what is None:
        raise typer.BadParameter("name a failed run, or give --dead-letters")
    else:
        _redrive_run(opened, what, dry_run=dry_run, as_json=as_json)


def _redrive_run(stage: Stage, word: str, *, dry_run: bool, as_json: bool) -> None:
    plan = ask_again(stage, word, dry_run=dry_run)
    told = {"run_id": plan.run.run_id, "event_id": plan.ask.event_id, "retried_as": plan.retried_as}
    if as_json:
        print_json(told | {"decided": plan.decided})
    elif plan.decided:
        typer.echo(f"{plan.run.run_id} was redriven before: {plan.decided}")
    else:
        done = "would be" if dry_run else "is"
        typer.echo(f"{plan.run.run_id} {done} tried again by the event {plan.ask.event_id}")
        typer.echo(f"`sluice why {plan.run.run_id}` tells by which run; `sluice watch {plan.run.project}`")


def ask_again(stage: Stage, word: str, *, dry_run: bool) -> "Redrive":
    """Publish the event that asks for a new try, unless it was decided already; once in effect."""
    from sluiceway.gateways.events import EventBridgeEvents
    from sluiceway.triggers.redrive import plan_redrive

    run = find_run(stage.ledger, word)
    plan = plan_redrive(run, stage.ledger)
    if not run.ended:
        _end(stage, run, dry_run=dry_run)
    if plan.decided is None and not dry_run:
        EventBridgeEvents(stage.client("events"), stage.settings.event_bus).publish(plan.ask)
    return plan


def _end(stage: Stage, run: "RunRecord", *, dry_run: bool) -> None:
    """A run whose end was never recorded, though its execution ended badly, is recorded as FAILED first."""
    arn = run.execution_arn or nested_arn(stage.settings.run_pipeline_arn, run.run_id)
    kinds = [str(event["type"]) for event in read_history(stage.client("stepfunctions"), arn)]
    if kinds and kinds[-1] not in _BAD_ENDS:
        raise PermanentError(f"run {run.run_id} goes on: `sluice watch {run.run_id}` shows how")
    if kinds and not dry_run:
        failed = {"run_id": run.run_id, "error": _BAD_ENDS[kinds[-1]], "cause": None}
        stage.client("lambda").invoke(
            FunctionName=stage.settings.fail_run_arn, Payload=json.dumps(failed).encode()
        )


_BAD_ENDS = {"ExecutionFailed": "FAILED", "ExecutionAborted": "ABORTED", "ExecutionTimedOut": "TIMED_OUT"}
"""The last event of a history, and the status of an execution that ends with it."""


def _redrive_letters(stage: Stage, name: str | None, *, dry_run: bool, as_json: bool) -> None:
    from sluiceway.gateways.targets import AwsTargets
    from sluiceway.triggers.redrive_letters import list_letters, redrive_letters

    queues = letter_queues(stage, name)
    if dry_run:
        listed = [letter for queue in queues for letter in list_letters(queue)]
        show(listed, LETTERS, as_json=as_json, empty="no dead letters")
        return
    sent = [each for queue in queues for each in redrive_letters(queue, AwsTargets(stage.client))]
    show([each.letter for each in sent], LETTERS, as_json=as_json, empty="no dead letters")
    _say(sent)


def letter_queues(stage: Stage, name: str | None) -> "list[LetterQueue]":
    """The stage's queues of dead letters, or the one of this name; raises `NotFound`."""
    from sluiceway.gateways.dead_letters import SqsDeadLetters
    from sluiceway.triggers.redrive_letters import LetterQueue

    known = {each.lower(): queue for each, queue in stage.settings.dead_letters.items()}
    if name is not None and name.lower() not in known:
        raise NotFound(
            f"there is no queue of dead letters {name!r}{nearest(name, known)}; there are {', '.join(known)}"
        )
    sqs = stage.client("sqs")
    return [
        LetterQueue(each, SqsDeadLetters(sqs, queue.arn), queue.moves)
        for each, queue in known.items()
        if name is None or each == name.lower()
    ]


def _say(sent: "Sequence[Sent]") -> None:
    kept = [each for each in sent if each.kept is not None]
    if sent:
        typer.echo(f"{len(sent) - len(kept)} sent on, {len(kept)} kept", err=True)
    for each in kept:
        typer.echo(f"{each.letter.queue} {each.letter.message_id}: {each.kept}", err=True)
    if kept:
        raise typer.Exit(1)
