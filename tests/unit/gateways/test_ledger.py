"""The ledger on a table in memory, and its answer to lost answers."""

import pytest

from sluiceway.gateways.ledger import Claim, Ledger
from tests.fakes.ledger import MemoryTable, memory_ledger
from tests.fakes.ledger_rules import LedgerRules
from tests.fakes.samples import AT, code_pointer, run_record


class TestLedgerInMemory(LedgerRules):
    """The rules of every ledger, in memory."""

    @pytest.fixture
    def ledger(self) -> Ledger:
        """An empty ledger."""
        return memory_ledger()


@pytest.fixture
def table() -> MemoryTable:
    """A table whose next conditional writes work, but report a failed condition as a retry would."""
    table = MemoryTable()
    table.lost_answers = ["put_if", "change"]
    return table


def test_a_claim_whose_answer_was_lost_is_ones_own(table: MemoryTable) -> None:
    """boto3 retried and was told that the item exists: the owner read back is oneself."""
    assert Ledger(table).claim_run(run_record()) is Claim.MINE


def test_an_end_whose_answer_was_lost_is_ones_own(table: MemoryTable) -> None:
    """The retried change found the run ended, by the same owner."""
    ledger = Ledger(table)
    ledger.claim_run(run_record())
    assert ledger.finish_run("p-1", "FAILED", reason="r", owner="o", at=AT) is Claim.MINE


def test_a_pointer_whose_answer_was_lost_has_moved(table: MemoryTable) -> None:
    """The retried move found its own event there."""
    assert Ledger(table).move_code_pointer(code_pointer()) is Claim.MINE
