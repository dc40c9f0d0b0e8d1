"""The ledger of reports in memory."""

import pytest

from sluiceway.gateways.ledger import Ledger
from sluiceway.gateways.ledger_reports import Place
from tests.fakes.ledger import MemoryTable, memory_ledger
from tests.fakes.ledger_report_rules import KEY, ReportLedgerRules, place


class TestReportLedgerInMemory(ReportLedgerRules):
    """The rules of every ledger of reports."""

    @pytest.fixture
    def ledger(self) -> Ledger:
        """Empty."""
        return memory_ledger()


@pytest.mark.parametrize("lost", ["put_if", "change"])
def test_a_claim_whose_answer_was_lost_is_ones_own(lost: str) -> None:
    """After a failed condition the owner is read back: it may have been oneself."""
    table = MemoryTable()
    ledger = Ledger(table)
    if lost == "change":
        ledger.claim_place(KEY, place("old", at="t1"), stale_before="t0")
    table.lost_answers = [lost]
    standing: Place = ledger.claim_place(KEY, place("a", at="t9"), stale_before="t8")
    assert standing.owner == "a"
