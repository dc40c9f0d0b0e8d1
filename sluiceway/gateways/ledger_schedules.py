"""The ledger of schedules: whose turn it is, which moments wait, and which one came last.

PROJECT#<project>  TURN#<schedule>              the moment that may have a run; others look at how it ended
                   WAITING#<schedule>#<event>   a moment that waits for the end of another one's run
                   FIRED#<schedule>             the latest moment that was decided on
"""

from typing import Any

from sluiceway.contract import Contract
from sluiceway.gateways.items import from_item, maybe, to_item
from sluiceway.gateways.records import Claim
from sluiceway.gateways.table import ABSENT, Table, before, equals
from sluiceway.names import Name


class Moment(Contract):
    """A moment of a project's schedule, as an event of the bus."""

    project: Name
    schedule: Name
    event_id: str
    scheduled_at: str
    """UTC, to the second: text that sorts as the moments follow each other."""


class Turn(Moment):
    """The moment whose turn it is."""

    cause: dict[str, Any]
    """Its event, so that whoever comes next can finish what was begun."""


class WaitingMoment(Moment):
    """A moment that waits."""

    behind: str
    """The run that went on when it came."""
    state: str = "WAITING"
    """RELEASED: it has had its turn, or was merged into another moment's."""
    released_by: str | None = None
    """The event that did that."""


class FiredMoment(Moment):
    """The latest moment of a schedule, and under which id its outcome is recorded."""

    decision_id: str
    order: str
    """Text that sorts as the moments, and of one moment as the decisions."""


class ScheduleLedger:
    """Turns, waiting moments and latest moments of schedules."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def turn(self, project: str, schedule: str) -> Turn | None:
        """The moment whose turn it is, or was last."""
        return maybe(Turn, self._table.get(*_turn(project, schedule)))

    def take_turn(self, turn: Turn, *, after: str | None) -> Claim:
        """Let it be this moment's turn, when that of the event `after` (None: of nobody) still stands."""
        pk, sk = _turn(turn.project, turn.schedule)
        when = ABSENT if after is None else equals("event_id", after)
        if self._table.put_if(to_item(pk, sk, turn), when):
            return Claim.WON
        standing = self.turn(turn.project, turn.schedule)
        mine = standing is not None and standing.event_id == turn.event_id
        return Claim.MINE if mine else Claim.THEIRS

    def let_wait(self, moment: WaitingMoment) -> Claim:
        """Let a moment wait; one that waits, or has waited, stays as it is."""
        item = to_item(*_waiting(moment), moment)
        return Claim.WON if self._table.put_if(item, ABSENT) else Claim.MINE

    def waiting(self, project: str, schedule: str) -> list[WaitingMoment]:
        """Moments that wait, the oldest first."""
        items = self._table.under(f"PROJECT#{project}", f"WAITING#{schedule}#")
        found = [from_item(WaitingMoment, item) for item in items if item["state"] == "WAITING"]
        return sorted(found, key=lambda moment: (moment.scheduled_at, moment.event_id))

    def release(self, moment: Moment, *, by: str) -> Claim:
        """Let a moment wait no longer; the event that did it first has done it."""
        pk, sk = _waiting(moment)
        values = {"state": "RELEASED", "released_by": by}
        if self._table.change(pk, sk, values=values, when=equals("state", "WAITING")):
            return Claim.WON
        standing = self._table.get(pk, sk)
        return Claim.MINE if standing is not None and standing.get("released_by") == by else Claim.THEIRS

    def note_fired(self, moment: FiredMoment) -> None:
        """Remember the moment, unless a later one was decided on before."""
        item = to_item(f"PROJECT#{moment.project}", f"FIRED#{moment.schedule}", moment)
        self._table.put_if(item, before("order", moment.order))

    def fired(self, project: str, schedule: str) -> FiredMoment | None:
        """The latest moment that was decided on."""
        return maybe(FiredMoment, self._table.get(f"PROJECT#{project}", f"FIRED#{schedule}"))


def _turn(project: str, schedule: str) -> tuple[str, str]:
    return f"PROJECT#{project}", f"TURN#{schedule}"


def _waiting(moment: Moment) -> tuple[str, str]:
    return f"PROJECT#{moment.project}", f"WAITING#{moment.schedule}#{moment.event_id}"
