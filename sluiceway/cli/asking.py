"""Asking the stage for something: an event on its bus, and then what the ledger says that came of it."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import typer

from sluiceway.cli.stage import Stage
from sluiceway.errors import NotFound, PermanentError, ServiceUnavailable

if TYPE_CHECKING:
    from sluiceway.contract import Contract
    from sluiceway.gateways.records import EventRecord

POLL_SECONDS = 0.5
DECIDED_WITHIN = 90.0
"""seconds: a cold start, or the first of Lambda's own new tries, a minute later"""

Found = TypeVar("Found")


class Refused(PermanentError):
    """The stage will not do what was asked; the message says why."""


def ask(stage: Stage, kind: "type[Contract]", project: str, **wanted: Any) -> "EventRecord":
    """Put the event on the bus and wait for its decision; raises `Refused`.

    Its id is made here, once: however often boto3 or EventBridge repeat it, it is one event.
    """
    from sluiceway.triggers.asked import OPERATOR_SOURCE, asked_event_id

    given = uuid4().hex
    event = _wish(kind, {"event_id": given, "project": project, **wanted}, stage)
    _put(stage, kind.__name__, event.model_dump_json(exclude_defaults=True))
    event_id = asked_event_id(_account(stage), source=OPERATOR_SOURCE, kind=kind.__name__, given=given)
    decided = _decision(stage, event_id, project)
    if decided.outcome == "refused":
        raise Refused(decided.reason)
    return decided


def _wish(kind: "type[Contract]", wanted: dict[str, Any], stage: Stage) -> "Contract":
    """The event; what no event can hold (a step that is no name, a value too long) is a wrong usage."""
    from pydantic import ValidationError

    from sluiceway.triggers.asked import mistakes

    try:
        return kind.model_validate({"asked_by": _who(stage), **wanted})
    except ValidationError as error:
        raise typer.BadParameter(mistakes(error)) from error


def _put(stage: Stage, kind: str, detail: str) -> None:
    """PutEvents answers 200 to entries that it did not take."""
    from sluiceway.triggers.asked import OPERATOR_SOURCE

    entry = {"Source": OPERATOR_SOURCE, "DetailType": kind, "Detail": detail}
    answer = stage.client("events").put_events(Entries=[entry | {"EventBusName": stage.settings.event_bus}])
    if answer["FailedEntryCount"]:
        failed = answer["Entries"][0]
        raise ServiceUnavailable(f"EventBridge did not take the event ({failed.get('ErrorCode')}): ask again")


def _decision(stage: Stage, event_id: str, project: str) -> "EventRecord":
    """A wish that could not even be read is recorded under its own id."""

    def decided() -> "EventRecord | None":
        return stage.ledger.event(f"{event_id}.{project}") or stage.ledger.event(event_id)

    found = wait_until(decided, seconds=DECIDED_WITHIN)
    if found is None:
        raise NotFound(
            f"the stage took the event {event_id}, and has not decided within {DECIDED_WITHIN:.0f} s: "
            "`sluice events` shows it when it has; if it never does, look at the dead letters"
        )
    return found


def wait_until(look: Callable[[], Found | None], *, seconds: float) -> Found | None:
    """What `look` finds, asked now and then; None when it has found nothing for so long."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found is not None or time.monotonic() > deadline:
            return found
        time.sleep(POLL_SECONDS)


def _who(stage: Stage) -> str:
    """For example `assumed-role/operator/alice`."""
    arn = str(stage.client("sts").get_caller_identity()["Arn"])
    return arn.rpartition(":")[2][-200:]


def _account(stage: Stage) -> str:
    return stage.settings.run_pipeline_arn.split(":")[4]
