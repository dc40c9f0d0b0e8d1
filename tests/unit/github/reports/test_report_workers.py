"""Several workers tell of the same pull request at the same time, by HTTP."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sluiceway.errors import LostRace
from sluiceway.gateways.github_reports import GitHubReports
from sluiceway.gateways.github_rest import GitHubRest
from sluiceway.gateways.ledger import Ledger
from sluiceway.gateways.table import Condition, Item
from tests.fakes.github import TOKEN, FakeGitHub
from tests.fakes.ledger import MemoryTable
from tests.unit.github.reports.test_report_faults import Writer, shown
from tests.unit.github.reports.world import FIRST, SECOND, ReportWorld

WORKERS = 4


class SharedTable(MemoryTable):
    """Conditions hold while their write is done, as in DynamoDB."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.RLock()

    def put_if(self, item: Item, when: Condition) -> bool:
        with self._lock:
            return super().put_if(item, when)

    def change(self, pk: str, sk: str, *, values: Item, when: Condition) -> bool:
        with self._lock:
            return super().change(pk, sk, values=values, when=when)


def happened(world: ReportWorld) -> list[Any]:
    """Two commits, whose runs have ended."""
    first, second = world.requested("p-1"), world.requested("p-2", at=world.checked(SECOND).commit)
    world.decided(FIRST, run_id="p-1")
    world.decided(SECOND, run_id="p-2")
    checked = [world.checked(), world.head(), world.checked(SECOND, order="2"), world.head(SECOND, order="2")]
    return [first, second, *checked, world.finished("p-1", "REJECTED"), world.finished("p-2")]


@pytest.mark.parametrize("seed", range(6))
def test_whoever_tells_when_there_is_one_of_each_and_it_is_true(github: FakeGitHub, seed: int) -> None:
    """Each worker hears every event, in an order of its own; who finds a place taken comes again later."""
    world = ReportWorld()
    world.world.ledger = Ledger(SharedTable())
    events = happened(world)

    def work(number: int) -> None:
        mine = ReportWorld(github=GitHubReports(GitHubRest(github.url, Writer(TOKEN))), world=world.world)
        left = random.Random(seed * WORKERS + number).sample(events, len(events))
        while left:
            event = left.pop(0)
            try:
                mine.tell(event)
            except LostRace:
                left.append(event)

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))
    seen = shown(github)
    (comment,) = seen["comments"]
    assert SECOND in comment
    assert "passed the gate" in comment
    assert [[end for end, _ in runs] for runs in seen["checks"].values()] == [["failure"], ["success"]]
