"""`sluice data query`: run the query of a dataset now."""

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from sluiceway.cli.listing import print_json
from sluiceway.cli.plain import plain
from sluiceway.cli.stage import DEFAULT_STAGE, JsonOption, Stage, StageOption, open_stage
from sluiceway.names import check_name

if TYPE_CHECKING:
    from sluiceway.gateways.ledger import EventRecord, Ledger

POLL_SECONDS = 1.0
GOOD = frozenset({"accepted", "unchanged", "superseded"})
"""Outcomes after which the dataset is at least as new as the question."""


def query(
    dataset: Annotated[str, typer.Argument(help="a dataset with `query:` in some project's sluice.yaml")],
    wait: Annotated[int, typer.Option(help="seconds to wait for the end; 0: only ask", min=0)] = 900,
    as_json: JsonOption = False,
    stage: StageOption = DEFAULT_STAGE,
) -> None:
    """Run a dataset's query now, whatever its schedule says, and tell what came of it."""
    opened = open_stage(stage)
    event_id = ask(opened, check_name(dataset, what="the dataset"))
    ended = await_end(opened.ledger, event_id, seconds=wait)
    if as_json:
        print_json({"event_id": event_id} | (ended.model_dump(mode="json") if ended else {}))
    else:
        typer.echo(_told(event_id, ended))
    raise typer.Exit(0 if wait == 0 or (ended is not None and ended.outcome in GOOD) else 1)


def ask(stage: Stage, dataset: str) -> str:
    """Ask for the query by an event of one's own; returns the id under which the ledger knows it."""
    from sluiceway.gateways.events import EventBridgeEvents
    from sluiceway.triggers.asked import OPERATOR_SOURCE, asked_event_id
    from sluiceway.triggers.contracts import QueryAsked

    wish = QueryAsked(event_id=f"query-{uuid.uuid4().hex}", dataset=dataset, asked_at=datetime.now(UTC))
    bus = EventBridgeEvents(stage.client("events"), stage.settings.event_bus, source=OPERATOR_SOURCE)
    bus.publish(wish)
    account = stage.settings.run_pipeline_arn.split(":")[4]
    return asked_event_id(account, source=OPERATOR_SOURCE, kind=type(wish).__name__, given=wish.event_id)


def await_end(
    ledger: "Ledger", event_id: str, *, seconds: float, sleep: Callable[[float], None] = time.sleep
) -> "EventRecord | None":
    """How the query ended, or why it was not asked; None where it goes on."""
    deadline = time.monotonic() + seconds
    while True:
        asked, ended = ledger.event(event_id), ledger.event(f"{event_id}.ended")
        found = ended or (asked if asked is not None and asked.outcome != "requested" else None)
        if found is not None or time.monotonic() >= deadline:
            return found
        sleep(POLL_SECONDS)


def _told(event_id: str, ended: "EventRecord | None") -> str:
    if ended is None:
        return f"asked by the event {event_id}; `sluice events` tells how it ends"
    return plain(f"{ended.outcome}: {ended.reason}")
