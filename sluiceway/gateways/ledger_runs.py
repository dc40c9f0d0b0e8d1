"""The ledger of runs: claimed once by an event, moved forward only, ended once."""

from sluiceway.errors import NotFound
from sluiceway.gateways.items import attributes, from_item, maybe, to_listed_item
from sluiceway.gateways.records import Claim, RunFacts, RunRecord
from sluiceway.gateways.table import ABSENT, Table, Test, equals
from sluiceway.reasons import shortened
from sluiceway.triggers.contracts import RunStatus

NOT_ENDED = equals("status", "REQUESTED", "RUNNING")


class RunLedger:
    """Runs by id, and the listing of runs."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def claim_run(self, record: RunRecord) -> Claim:
        """Create the run unless it exists; the event that created it owns it."""
        item = to_listed_item(*_key(record.run_id), record, kind="RUN", at=record.requested_at)
        if self._table.put_if(item, ABSENT):
            return Claim.WON
        return Claim.MINE if self.run(record.run_id).event_id == record.event_id else Claim.THEIRS

    def find_run(self, run_id: str) -> RunRecord | None:
        """The run, where there is one."""
        return maybe(RunRecord, self._table.get(*_key(run_id)))

    def run(self, run_id: str) -> RunRecord:
        """The run; raises `NotFound`."""
        record = self.find_run(run_id)
        if record is None:
            raise NotFound(f"there is no run {run_id!r}: `sluice runs` lists those there are")
        return record

    def begin_run(self, run_id: str, *, at: str, facts: RunFacts | None = None) -> RunRecord:
        """REQUESTED becomes RUNNING; a run that is already RUNNING or has ended keeps its state.

        Returns the run as it now stands.
        """
        values = {"status": "RUNNING", "started_at": at} | attributes(facts or RunFacts())
        self._table.change(*_key(run_id), values=values, when=equals("status", "REQUESTED"))
        return self.run(run_id)

    def note_run(self, run_id: str, facts: RunFacts) -> None:
        """Add what has become known of a run; raises `NotFound` where there is no such run."""
        values = attributes(facts)
        if values and not self._table.change(*_key(run_id), values=values, when=equals("run_id", run_id)):
            self.run(run_id)

    def record_model_version(self, run_id: str, model_version: str) -> str:
        """Fix the model version of a run, once for all; returns the version that stands."""
        values = {"model_version": model_version}
        self._table.change(*_key(run_id), values=values, when=(Test("model_version", "absent"),))
        return self.run(run_id).model_version or model_version

    def finish_run(
        self,
        run_id: str,
        status: RunStatus,
        *,
        reason: str,
        owner: str,
        at: str,
        facts: RunFacts | None = None,
    ) -> Claim:
        """Record the end state, unless another one stands. `owner` names who says so, e.g. `finish_run`.

        The same owner's end state may be repeated (MINE), never replaced; raises `NotFound`.
        """
        values = {"status": status, "reason": shortened(reason), "finished_by": owner, "finished_at": at}
        values |= attributes(facts or RunFacts())
        if self._table.change(*_key(run_id), values=values, when=NOT_ENDED):
            return Claim.WON
        standing = self.run(run_id)
        same = (standing.finished_by, standing.status) == (owner, status)
        return Claim.MINE if same else Claim.THEIRS

    def runs(
        self, project: str | None = None, *, before: str | None = None, limit: int | None = 50
    ) -> list[RunRecord]:
        """Runs, newest first; of these only such as were requested `before` a moment."""
        where = {"project": project} if project else {}
        at = Test("at", "<", before) if before else None
        found = self._table.newest("RUN", where=where, limit=limit, at=at)
        return [from_item(RunRecord, item) for item in found]


def _key(run_id: str) -> tuple[str, str]:
    return f"RUN#{run_id}", "RUN"
