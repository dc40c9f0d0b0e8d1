"""Wishes from outside of the platform: of people and of other AWS accounts. What they say is checked.

The platform itself publishes under the source `sluiceway`; a rule lets that pass only from the stage's own
account. Everybody else uses any other source, and may only ask: for a run, a deployment, or a query.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sluiceway.contract import Contract
from sluiceway.errors import PermanentError
from sluiceway.triggers.contracts import EVENT_SOURCE, DeploymentAsked, QueryAsked, RunAsked

OPERATOR_SOURCE = "sluice"
"""Under which the `sluice` command asks."""
ASKED: tuple[type[Contract], ...] = (RunAsked, DeploymentAsked, QueryAsked)
"""What anybody may publish who may put events on the bus at all."""
OURS_TO_SAY = ("trigger", "commit")
"""Fields that only the platform fills in: what a commit's status is reported on, and why a run started."""
GIVEN_ID = re.compile(r"[A-Za-z0-9._:/@+=-]{1,128}")
TOLD_PROBLEMS, LONGEST_PLACE = 10, 100

Kind = TypeVar("Kind", bound=Contract)


class InvalidEvent(PermanentError):
    """The detail of an event is not what its type promises."""


class Envelope(BaseModel):
    """EventBridge's envelope, as far as it is used ("Event structure reference", EventBridge user guide)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    account: str
    """That of the sender, whatever bus the event arrives on."""
    source: str
    detail_type: str = Field(alias="detail-type")
    detail: dict[str, Any]

    @property
    def is_own(self) -> bool:
        """Whether the platform itself published it: the rules let this source pass from no other account."""
        return self.source == EVENT_SOURCE

    @property
    def event_id(self) -> str:
        """The same for every delivery; nobody can give their event the id of somebody else's.

        A sender that may have to send again names the event itself, as `event_id`: EventBridge's own id is
        another one each time.
        """
        if self.is_own:
            return str(self.detail.get("event_id") or self.id)
        given = self.detail.get("event_id")
        usable = isinstance(given, str) and GIVEN_ID.fullmatch(given)
        return asked_event_id(
            self.account, source=self.source, kind=self.detail_type, given=str(given) if usable else self.id
        )


def asked_event_id(account: str, *, source: str, kind: str, given: str) -> str:
    """Id under which a wish from outside is known: `<account>-<digits>`."""
    digest = hashlib.sha256(json.dumps([account, source, kind, given]).encode()).hexdigest()
    return f"{account}-{digest[:24]}"


def read_event(envelope: Envelope, kinds: Mapping[str, type[Kind]]) -> Kind:
    """The event in an envelope; raises `InvalidEvent` that says everything that is wrong with it."""
    kind = kinds.get(envelope.detail_type)
    if kind is None or not (envelope.is_own or kind in ASKED):
        raise InvalidEvent(f"{envelope.source} may not publish {envelope.detail_type}")
    detail = envelope.detail if envelope.is_own else _asked(envelope)
    try:
        return kind.model_validate(detail)
    except ValidationError as error:
        raise InvalidEvent(mistakes(error)) from error


def _asked(envelope: Envelope) -> dict[str, Any]:
    """The detail under an id of ours, and with the account of whoever asks."""
    given = envelope.detail.get("event_id")
    if given is not None and not (isinstance(given, str) and GIVEN_ID.fullmatch(given)):
        raise InvalidEvent("event_id: use at most 128 letters, digits and . _ : / @ + = -, or leave it out")
    reserved = [name for name in OURS_TO_SAY if name in envelope.detail]
    if reserved:
        raise InvalidEvent(f"{', '.join(reserved)}: only the platform itself says that: leave it out")
    who = envelope.detail.get("asked_by") or ""
    told = one_line(f"{envelope.account} {who}") if isinstance(who, str) else who
    return {**envelope.detail, "event_id": envelope.event_id, "asked_by": told}


def one_line(text: str) -> str:
    """What somebody else wrote, as lists and logs show it."""
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()[:256]


def mistakes(error: ValidationError) -> str:
    """Where it is wrong, and why; names of fields are the sender's, and cut short."""
    found = error.errors(include_url=False, include_input=False)
    return "; ".join(f"{_place(each['loc'])}: {each['msg']}" for each in found[:TOLD_PROBLEMS])


def _place(loc: tuple[int | str, ...]) -> str:
    return one_line(".".join(map(str, loc)))[:LONGEST_PLACE] or "detail"
