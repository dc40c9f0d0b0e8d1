"""Workers that stand still before each call to the outside, until they are told how it ends.

A worker is one Lambda environment that works off one message. It runs the product's own code in a thread;
only one of them ever runs at a time, so a history is repeatable, and every interleaving of calls can be had.
"""

import threading
from collections.abc import Callable
from enum import IntEnum
from typing import Any

from sluiceway.errors import ServiceUnavailable


class Fault(IntEnum):
    """How a call to the outside ends."""

    NONE = 0
    FAIL_BEFORE = 1
    """Nothing is done, and the client hears so."""
    FAIL_AFTER = 2
    """It is done, and the client hears that it was not."""
    LOST_ANSWER = 3
    """It is done, nobody hears of it, and boto3 asks again."""
    THROTTLE = 4
    """Nothing is done; boto3 waits, while others go on, and asks again."""
    CRASH_BEFORE = 5
    CRASH_AFTER = 6


class Crash(BaseException):
    """The worker's process is killed: no `except Exception` of the product sees it."""


class Endless(BaseException):
    """A worker makes one call after another, and comes to no end."""


MOST_CALLS = 400
"""of a piece of work: ten times what the longest makes"""


class Worker:
    """A thread that runs a piece of work up to its next call, again and again."""

    def __init__(self) -> None:
        self.skew = 0.0
        """Seconds by which its clock is off."""
        self.started = 0
        """How much had happened when it got its work."""
        self.since = 0.0
        """Seconds of the true clock, then."""
        self.call = ""
        """The call that it stands before."""
        self.mutating = False
        self.error: BaseException | None = None
        self.busy = False
        self._work: Callable[[], Any] | None = None
        self._calls = 0
        self._order = Fault.NONE
        self._solo = False
        self._doomed = False
        self._go, self._back = threading.Lock(), threading.Lock()
        self._go.acquire()
        self._back.acquire()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def begin(self, work: Callable[[], Any], *, skew: float, started: int, since: float) -> None:
        """Run a piece of work up to its first call."""
        self.skew, self.started, self.since = skew, started, since
        self._calls = 0
        self._work, self.error, self.busy, self._solo, self._doomed = work, None, True, False, False
        self._switch(Fault.NONE)

    def advance(self, fault: Fault = Fault.NONE) -> None:
        """Make the call that it stands before, which ends like this, and go on to the next."""
        self._switch(fault)

    def finish(self) -> None:
        """Go on to the end without faults and without standing still."""
        self._solo = True
        self._switch(Fault.NONE)

    def kill(self) -> None:
        """End it where it stands."""
        self._doomed = True
        self._switch(Fault.CRASH_BEFORE)

    def pause(self, call: str, mutating: bool) -> Fault:
        """Called by the worker before a call to the outside; how the call shall end."""
        if self._doomed:
            return Fault.CRASH_BEFORE
        self._calls += 1
        if self._calls > MOST_CALLS:
            raise Endless(call)
        if self._solo:
            return Fault.NONE
        self.call, self.mutating = call, mutating
        self._back.release()
        self._go.acquire()
        return self._order

    def _switch(self, fault: Fault) -> None:
        self._order = fault
        self._go.release()
        self._back.acquire()

    def _run(self) -> None:
        _here.worker = self
        while True:
            self._go.acquire()
            try:
                assert self._work
                self._work()
            except BaseException as error:
                self.error = error
            self.busy = False
            self._back.release()


_here = threading.local()


def current() -> Worker | None:
    """The worker whose thread this is; None in the test's own."""
    return getattr(_here, "worker", None)


class Crew:
    """Threads are kept for the next piece of work: a history needs few, a proof many histories."""

    def __init__(self) -> None:
        self._idle: list[Worker] = []

    def begin(self, work: Callable[[], Any], *, skew: float, started: int, since: float) -> Worker:
        """A worker that stands before its first call, or is done."""
        worker = self._idle.pop() if self._idle else Worker()
        worker.begin(work, skew=skew, started=started, since=since)
        return worker

    def release(self, worker: Worker) -> None:
        """Take back a worker that is done."""
        assert not worker.busy
        self._idle.append(worker)


class Outside:
    """A gateway whose calls by workers can go wrong; calls by the test itself are simply made."""

    def __init__(self, gateway: Any, name: str, *, writes: frozenset[str], lists: frozenset[str]) -> None:
        self.raw = gateway
        self._name = name
        self._writes = writes
        self._lists = lists

    def __getattr__(self, method: str) -> Any:
        made = getattr(self.raw, method)
        if not callable(made):
            return made
        call = self._guarded(made, f"{self._name}.{method}", method in self._writes, method in self._lists)
        self.__dict__[method] = call  # for the next time
        return call

    @staticmethod
    def _guarded(made: Callable[..., Any], label: str, mutating: bool, listed: bool) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            worker = current()
            if worker is None:
                return made(*given, **named)
            while True:
                fault = worker.pause(label, mutating)
                if fault is Fault.NONE:
                    break
                _before(fault, label)
                if fault is not Fault.THROTTLE:
                    made(*given, **named)
                    _after(fault, label)
            answer = made(*given, **named)
            return list(answer) if listed else answer

        return call


def _before(fault: Fault, label: str) -> None:
    if fault is Fault.CRASH_BEFORE:
        raise Crash(label)
    if fault is Fault.FAIL_BEFORE:
        raise ServiceUnavailable(f"{label} failed")


def _after(fault: Fault, label: str) -> None:
    if fault is Fault.CRASH_AFTER:
        raise Crash(label)
    if fault is Fault.FAIL_AFTER:
        raise ServiceUnavailable(f"{label} failed after it was done")
