"""Every call that changes something is broken in every way: the end is that of an undisturbed project.

The list of call sites comes from a recording of the undisturbed project, so a new one cannot be forgotten. In
all forms runs end without training: what trains and deploys is not swept. In the long form (`--proof`) the
cloud is killed before and after a call of each site.
"""

import time
from collections.abc import Iterator, Mapping, Sequence

import pytest

from embedded.hook.sites import CallSite
from tests.embedded.fault_rounds import Sweep, breakages, kill_at, recorded_sites, run_round, told
from tests.embedded.stage import Stage
from tests.embedded.streams import Stream, differences, short_pipeline
from tests.proofs.figures import keep

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(7200)]

PROJECTS = 16
"""of a round: more than there are ways to break a call"""
ROUNDS_SHORT, ROUNDS_LONG = 2, 12
KILLS_SHORT = 4


class Swept:
    """Uploads of projects while calls are broken, and what became of them."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.stream = Stream(stage, "sweep")
        self._next = 0
        self.names: list[str] = []
        since = time.time()
        self.clean = self.upload(PROJECTS)[0]
        self.counts: Mapping[CallSite, int] = recorded_sites(stage, since=since)

    def upload(self, count: int) -> Sequence[str]:
        """New projects: their data, and once all that follows is done, their code."""
        names = self.stream.names(count, start=self._next)
        self._next += count
        self.names += names
        for name in names:
            self.stream.put_data(name)
        self.stream.wait(self.stream.has_data, names)
        for name in names:
            self.stream.put_code(name)
        self.stream.wait(self.stream.has_run, names)
        return names

    def wrong(self) -> Mapping[str, str]:
        """What is other than in the undisturbed project, once all is quiet."""
        self.stream.quiet()
        return differences(self.stream.dumps(self.names), clean=self.clean)


@pytest.fixture(scope="module")
def swept(stage: Stage) -> Iterator[Swept]:
    """With a short pipeline in place of the long one."""
    with short_pipeline(stage):
        yield Swept(stage)


def test_the_recording_knows_the_sites_of_every_trigger(swept: Swept) -> None:
    """So that a sweep over it says something."""
    found = {f"{site.service}:{site.operation}" for site in swept.counts}
    assert {"dynamodb:PutItem", "s3:PutObject", "events:PutEvents", "states:StartExecution"} <= found
    assert {"sqs:SendMessage", "lambda:Invoke", "dynamodb:UpdateItem"} <= found


def test_calls_that_fail_or_are_not_answered_change_nothing(
    swept: Swept, request: pytest.FixtureRequest
) -> None:
    """Failed before and after, answer lost, throttled, held up; once, and longer than a client tries."""
    in_full = bool(request.config.getoption("--proof"))
    sweep = Sweep(breakages(swept.counts))
    for _ in range(ROUNDS_LONG if in_full else ROUNDS_SHORT):
        if sweep.left:
            run_round(swept.stage, sweep, swept.counts, lambda: swept.upload(PROJECTS) and None)
    wrong = swept.wrong()
    figures = {"sites": len(swept.counts), "faults": sweep.injected, "not_injected": len(sweep.left)}
    keep("fault_sweep", in_full=in_full, **figures, projects=len(swept.names), wrong=len(wrong))
    assert wrong == {}
    assert sweep.injected > 3 * len(swept.counts), told(sweep.left)
    assert not in_full or not sweep.left, told(sweep.left)


def test_a_cloud_that_dies_at_a_call_goes_on_where_it_was(
    swept: Swept, request: pytest.FixtureRequest
) -> None:
    """Before the call is done, and after, its answer unsent; a few sites each day, all of them as a proof."""
    wanted = [(site, moment) for site in swept.counts for moment in ("before", "after")]
    if not request.config.getoption("--proof"):
        day = int(time.time() // 86400)
        wanted = [wanted[(day + 7 * number) % len(wanted)] for number in range(KILLS_SHORT)]
    died = {
        (site, moment): kill_at(swept.stage, site, lambda: swept.upload(2) and None, moment=moment)
        for site, moment in wanted
    }
    assert [key for key, times in died.items() if times == 0] == []
    assert swept.wrong() == {}
