"""The ledger of queries: which of a dataset's results stands."""

from sluiceway.gateways.records import Claim
from sluiceway.gateways.table import Table, before


class QueryLedger:
    """Of the results of one dataset the one that was asked for last stands, in whatever order they come."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def move_query(self, dataset: str, *, asked_at: str, event_id: str) -> Claim:
        """Let the result that this event asked for stand, unless one stands that was asked for later."""
        pk, sk = f"DATASET#{dataset}", "QUERY"
        item = {"pk": pk, "sk": sk, "asked_at": asked_at, "event_id": event_id}
        if self._table.put_if(item, before("asked_at", asked_at)):
            return Claim.WON
        standing = self._table.get(pk, sk)
        same = standing is not None and standing["event_id"] == event_id
        return Claim.MINE if same else Claim.THEIRS

    def is_queried(self, dataset: str) -> bool:
        """Whether a query has made a result for the dataset: known before the result is written."""
        return self._table.get(f"DATASET#{dataset}", "QUERY") is not None
