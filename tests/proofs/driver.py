"""Makes a history, step by step: what happens is chosen by small numbers, whoever draws them.

Hypothesis draws them in the short form, so that what it finds is shrunk; a seeded generator in the long form.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sluiceway.triggers.contracts import RunAsked, ScheduleFired
from tests.proofs.cloud import SimulatedCloud
from tests.proofs.effects import difference
from tests.proofs.projects import BAD, DATASETS, GOOD, PATHS, PROJECTS, SCHEDULES, VARIANTS
from tests.proofs.services import Message, moment
from tests.proofs.workers import Fault

TICKS = (1, 5, 31, 120, 600, 3600, 3 * 86400, 100 * 86400)
"""seconds: to the next S3 time, past the settle time, late by days, past the 90 days that names are kept"""
SKEWS = (0.0, -600.0, 600.0)
"""seconds: a worker's clock may be ten minutes off"""
AT_ONCE = 4
"""workers"""
FAULTY_READS = (Fault.NONE, Fault.FAIL_BEFORE, Fault.CRASH_BEFORE, Fault.THROTTLE)
REMEMBERED = 40
"""messages that may still come again"""
_HARDLY_EVER = 16


@dataclass(frozen=True)
class Story:
    """What happens in a history: where, and what causes it."""

    cloud: Callable[[], Any]
    causes: Sequence[Callable[[Any, int], None]]
    crowded: Sequence[Callable[[Any, int], None]]
    """Where causes need not come one by one."""


class History:
    """One stage's life.

    `exact`: causes come one by one, so the undisturbed history ends in the same state.
    `skewed`: workers' clocks differ.
    """

    def __init__(self, *, exact: bool, skewed: bool, story: Story | None = None) -> None:
        self.exact = exact
        self.story = story or UPLOADS
        self._skews = SKEWS if skewed else SKEWS[:1]
        self.cloud = self.story.cloud()
        self.cloud.skewed = skewed
        self.clean = self.story.cloud() if exact else None
        if self.clean is not None:
            self.clean.undisturbed = True
        self.steps = 0

    def step(self, kind: int, first: int, second: int) -> None:
        """The next step; raises `Violation`."""
        self.steps += 1
        _STEPS[kind % len(_STEPS)](self, first, second)
        self.cloud.invariants.check()

    def close(self) -> None:
        """The history is over."""
        self.cloud.close()

    # Causes.

    def cause(self, first: int, second: int) -> None:
        """Somebody does something outside."""
        causes = self.story.causes if self.exact else self.story.crowded
        if self.clean is not None:
            self.quiet(0, 0)
            self.clean.clock = self.cloud.clock
            causes[first % len(causes)](self.clean, second)
            self.clean.drain()
        causes[first % len(causes)](self.cloud, second)

    # Deliveries.

    def deliver(self, first: int, second: int) -> None:
        """A message that is due goes to a worker: perhaps to a second one while the first is at it."""
        if len(self.cloud.working) >= AT_ONCE:
            return self.advance(first, second)
        due = self._due()
        if due:
            self.cloud.deliver(due[first % len(due)], skew=self._skews[second % len(self._skews)])
        return None

    def _due(self) -> list[Message]:
        """What is due; when nothing is and nobody works, the time passes until something is."""
        cloud = self.cloud
        waiting = [each for each in cloud.pending.values() if cloud.may_come_twice(each)]
        due = [message for message in waiting if message.due <= cloud.clock]
        if due or cloud.working or not waiting:
            return due
        cloud.clock = min(message.due for message in waiting)
        return self._due()

    def again(self, first: int, second: int) -> None:
        """A message that was worked off comes once more, however late."""
        done = [each for each in self.cloud.done[-REMEMBERED:] if each.channel not in self.cloud.ALONE]
        if done and len(self.cloud.working) < AT_ONCE:
            self.cloud.deliver(done[first % len(done)], skew=self._skews[second % len(self._skews)])

    def stop(self, first: int, second: int) -> None:
        """An execution is stopped: at any time, or where that would change the history, after its end."""
        found = list(self.cloud.ended if self.exact else self.cloud.starts)
        if found:
            self.cloud.send("stopped", found[first % len(found)])

    def drop(self, first: int, second: int) -> None:
        """A message is lost on the way; it is delivered again later."""
        waiting = list(self.cloud.pending.values())
        if waiting:
            message = waiting[first % len(waiting)]
            self.cloud.dropped[message.number] = self.cloud.pending.pop(message.number)

    def redeliver(self, first: int, second: int) -> None:
        """What was dropped comes after all."""
        dropped = list(self.cloud.dropped)
        if dropped:
            number = dropped[first % len(dropped)]
            self.cloud.pending[number] = self.cloud.dropped.pop(number)

    # Workers.

    def advance(self, first: int, second: int) -> None:
        """A worker makes its next call, and nothing goes wrong."""
        if self.cloud.working:
            self.cloud.advance(self.cloud.working[first % len(self.cloud.working)][0])

    def break_call(self, first: int, second: int) -> None:
        """A worker's next call goes wrong."""
        if self.cloud.working:
            worker = self.cloud.working[first % len(self.cloud.working)][0]
            faults: Sequence[Fault] = tuple(Fault)[1:] if worker.mutating else FAULTY_READS
            self.cloud.advance(worker, faults[second % len(faults)])

    def kill(self, first: int, second: int) -> None:
        """A worker's process is killed where it stands."""
        if self.cloud.working:
            self.cloud.kill(self.cloud.working[first % len(self.cloud.working)][0])

    # Time.

    def tick(self, first: int, second: int) -> None:
        """Time passes."""
        seconds = TICKS[first % len(TICKS)]
        self.cloud.pass_time(seconds if seconds < 3600 or second % _HARDLY_EVER == 0 else 1)

    def quiet(self, first: int, second: int) -> None:
        """No more faults: everything is worked off, and must be as if there had been none."""
        self.cloud.drain()
        self.cloud.invariants.check_quiet()
        if self.clean is not None:
            found = difference(self.cloud, self.clean)
            if found:
                self.cloud.invariants.say("clean", found)
        self.cloud.invariants.check()


def _push(cloud: SimulatedCloud, number: int) -> None:
    project = list(PROJECTS)[number % len(PROJECTS)]
    upload = cloud.put(f"code/{project}/push.zip", GOOD[project, number // 7 % VARIANTS])
    cloud.newest_code[project] = max(
        cloud.newest_code.get(project, ("", "")), (upload.order, upload.event_id)
    )


def _push_what_is_refused(cloud: SimulatedCloud, number: int) -> None:
    project = list(PROJECTS)[number % len(PROJECTS)]
    cloud.put(f"code/{project}/push.zip", BAD[project][number // 7 % 2])


def _put_data(cloud: SimulatedCloud, number: int) -> None:
    dataset, path = DATASETS[number % len(DATASETS)], PATHS[number // 7 % len(PATHS)]
    cloud.put(f"data/{dataset}/{path}", f"rows {number // 31 % VARIANTS}".encode())


def _delete_data(cloud: SimulatedCloud, number: int) -> None:
    key = f"data/{DATASETS[number % len(DATASETS)]}/{PATHS[number // 7 % len(PATHS)]}"
    if cloud.stored.exists("uploads", key):
        cloud.delete(key)


def _complete_data(cloud: SimulatedCloud, number: int) -> None:
    cloud.put(f"data/{DATASETS[number % len(DATASETS)]}/_SUCCESS", b"")


def _fire(cloud: SimulatedCloud, number: int, *, late: float = 0.0) -> None:
    """A moment of a schedule comes."""
    project, schedule = list(PROJECTS)[number % len(PROJECTS)], SCHEDULES[number // 7 % len(SCHEDULES)]
    at = moment(cloud.clock - late)
    event_id = f"{project}-{schedule}-{at}"
    if event_id not in cloud.told:
        cloud.ask(ScheduleFired(event_id=event_id, project=project, schedule=schedule, scheduled_at=at))


def _fire_three(cloud: SimulatedCloud, number: int) -> None:
    """Late moments come together with the one that is due."""
    for late in (0.0, 3600.0, 7200.0):
        _fire(cloud, number, late=late)


def _ask(cloud: SimulatedCloud, number: int) -> None:
    """Somebody asks for a run: as things are, whatever ran before, or of data that there never were."""
    project, wish = list(PROJECTS)[number % len(PROJECTS)], number // 7 % 3
    unknown = {"flights": "ab" * 32} if wish == 2 else {}
    event_id = f"ask-{len(cloud.told)}-{number}"
    cloud.ask(RunAsked(event_id=event_id, project=project, force=wish == 1, dataset_versions=unknown))


def _misplace(cloud: SimulatedCloud, number: int) -> None:
    cloud.put(("stray.csv", "code/one/push.txt", "data/stray.csv", "data/flights/")[number % 4], b"x")


_CAUSES: Sequence[Callable[[SimulatedCloud, int], None]] = (
    _push, _put_data, _push, _put_data, _push, _put_data, _complete_data, _delete_data,
    _fire, _fire, _ask, _push_what_is_refused, _misplace,
)  # fmt: skip
_CROWDED = (*_CAUSES, _fire_three, _fire_three, _fire_three)
"""Where causes need not come one by one."""
UPLOADS = Story(SimulatedCloud, _CAUSES, _CROWDED)
"""Uploads, schedules, and people who ask for runs."""

_STEPS: Sequence[Callable[[Any, int, int], None]] = (
    *(History.advance,) * 14,
    *(History.deliver,) * 7,
    *(History.break_call,) * 3,
    *(History.cause,) * 2,
    History.again,
    History.stop,
    History.kill,
    History.tick,
    History.drop,
    History.redeliver,
)
"""Each as often as it shall happen."""


def drive(seed: int, *, steps: int, story: Story = UPLOADS) -> History:
    """A history of so many steps, quiet in the end; raises `Violation`.

    Every second one is exact, and in every third one all clocks are right.
    """
    draw = random.Random(seed)
    history = History(exact=seed % 2 == 0, skewed=seed % 3 != 0, story=story)
    try:
        for _ in range(steps):
            history.step(draw.randrange(840), draw.randrange(1 << 16), draw.randrange(1 << 16))
        history.quiet(0, 0)
    finally:
        history.close()
    return history
