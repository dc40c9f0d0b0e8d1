"""Keeps what is on GitHub once: made by one attempt, found when its answer was lost, then only mended."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sluiceway.clock import timestamp
from sluiceway.errors import LostRace, NotFound, PermanentError, SluicewayError
from sluiceway.gateways.github_errors import RateLimited
from sluiceway.gateways.github_reports import Reports
from sluiceway.gateways.ledger import Ledger
from sluiceway.gateways.ledger_reports import Key, Place, check_run_place, comment_place
from sluiceway.github.check_run import CheckRun
from sluiceway.github.comment_text import MARKER

ATTEMPT_LASTS = timedelta(minutes=2)
"""Longer than the function runs: whoever claimed a place before that is no longer making anything."""


class Thing(Protocol):
    """Something that GitHub makes anew at each request, and of which there shall be one."""

    def find(self, nonce: str) -> int | None:
        """Its id, where it was made with the nonce."""

    def make(self, nonce: str) -> int:
        """Make it; returns its id."""

    def mend(self, github_id: int, nonce: str) -> None:
        """Let it say what is wanted; raises `NotFound` where somebody deleted it."""


@dataclass(frozen=True)
class OwnCheckRun:
    """The check run of a project's commit."""

    github: Reports
    repository: str
    check: CheckRun

    def find(self, nonce: str) -> int | None:
        """By its external id."""
        return self.github.find_check_run(self.repository, self.check, nonce)

    def make(self, nonce: str) -> int:
        """With the nonce as its external id."""
        return self.github.make_check_run(self.repository, self.check, nonce)

    def mend(self, github_id: int, nonce: str) -> None:  # noqa: ARG002
        """Keeps its external id."""
        self.github.mend_check_run(self.repository, github_id, self.check)


@dataclass(frozen=True)
class OwnComment:
    """The comment of a pull request; its text follows the marker."""

    github: Reports
    repository: str
    number: int
    text: str

    def find(self, nonce: str) -> int | None:
        """By its first line."""
        return self.github.find_comment(self.repository, self.number, MARKER.format(nonce=nonce))

    def make(self, nonce: str) -> int:
        """With the marker as its first line."""
        return self.github.make_comment(self.repository, self.number, self._body(nonce))

    def mend(self, github_id: int, nonce: str) -> None:
        """Keeps its marker."""
        self.github.mend_comment(self.repository, github_id, self._body(nonce))

    def _body(self, nonce: str) -> str:
        return f"{MARKER.format(nonce=nonce)}\n\n{self.text}"


def keep_check_run(
    repository: str, check: CheckRun, project: str, *, github: Reports, ledger: Ledger, at: str
) -> None:
    """Let the check run of a project's commit say what is wanted; raises `LostRace` while another is made."""
    thing = OwnCheckRun(github, repository, check)
    _keep(check_run_place(repository, check.sha, project), thing, ledger, at)


def keep_comment(
    repository: str, number: int, text: str, *, github: Reports, ledger: Ledger, at: str
) -> None:
    """Let the comment of a pull request say what is wanted; raises `LostRace` while another makes it."""
    _keep(comment_place(repository, number), OwnComment(github, repository, number, text), ledger, at)


def has_comment(repository: str, number: int, ledger: Ledger) -> bool:
    """Whether there is, or may be, a comment already."""
    return ledger.place(comment_place(repository, number)) is not None


def _keep(key: Key, thing: Thing, ledger: Ledger, at: str) -> None:
    mine = Place(owner=uuid.uuid4().hex, nonce=uuid.uuid4().hex, claimed_at=at)
    place = _standing(key, thing, mine, ledger)
    if place is None:
        return
    if place.owner != mine.owner:
        raise LostRace(f"{' '.join(key)}: another report is making it")
    found = _found(key, thing, place, ledger)
    github_id = found or _made(key, thing, place, ledger)
    ledger.fill_place(key, place.nonce, github_id)
    if found:
        thing.mend(found, place.nonce)


def _found(key: Key, thing: Thing, place: Place, ledger: Ledger) -> int | None:
    try:
        return thing.find(place.nonce)
    except SluicewayError:
        ledger.release_place(key, place.owner)  # who only looks makes nothing
        raise


def _made(key: Key, thing: Thing, place: Place, ledger: Ledger) -> int:
    try:
        return thing.make(place.nonce)
    except (PermanentError, RateLimited):
        ledger.release_place(key, place.owner)  # it was refused, so nothing is on its way
        raise


def _standing(key: Key, thing: Thing, mine: Place, ledger: Ledger) -> Place | None:
    """None: it stands and says what is wanted. Else the place that is still to be filled."""
    stale = timestamp(datetime.fromisoformat(mine.claimed_at) - ATTEMPT_LASTS)
    place = ledger.claim_place(key, mine, stale_before=stale)
    if not place.github_id:
        return place
    try:
        thing.mend(place.github_id, place.nonce)
    except NotFound:
        return ledger.empty_place(key, mine, lost=place)
    return None
