"""Answers requests that wait together with one call of the model; who comes meanwhile goes into the next."""

import asyncio
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from containers.model_server.inputs import Part
from containers.model_server.refusal import Refused, busy
from containers.model_server.served_model import Answer, ServedModel
from containers.model_server.telemetry import Telemetry

INLINE_SECONDS = 0.002
"""A shorter call is made in the event loop: handing it to a thread and back costs as much as it takes."""

_MEMORY = 0.2
"""Weight of the last call in the moving average of the duration."""


@dataclass(frozen=True)
class Limits:
    """How much may wait, and how much goes into one call."""

    waiting: int = 512
    batch_requests: int = 256
    batch_rows: int = 8192


@dataclass(frozen=True, slots=True)
class _Waiting:
    part: Part
    future: "asyncio.Future[Answer | Refused]"


@dataclass
class Batcher:
    """A bounded queue before one model that is called by one thread at a time."""

    model: ServedModel
    telemetry: Telemetry
    limits: Limits = field(default_factory=Limits)
    _queue: deque[_Waiting] = field(default_factory=deque)
    _running: bool = False
    _seconds: float = 1.0
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "model"))

    def submit(self, part: Part) -> "asyncio.Future[Answer | Refused]":
        """The future answer; `Refused` with 429 at once when too many wait already."""
        if len(self._queue) >= self.limits.waiting:
            raise busy(f"{len(self._queue)} requests are waiting already: try again later, or add instances")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer | Refused] = loop.create_future()
        self._queue.append(_Waiting(part, future))
        if not self._running:
            self._running = True
            loop.call_soon(self._start, loop)
        return future

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        batch = self._take()
        if self._seconds < INLINE_SECONDS:
            self._finish(loop, batch, self._answer(batch))
        else:
            self._thread.submit(self._answer_and_return, loop, batch)

    def _take(self) -> list[_Waiting]:
        batch, rows = [self._queue.popleft()], 0
        while self.model.batches and self._queue and len(batch) < self.limits.batch_requests:
            rows += batch[-1].part.count
            if rows + self._queue[0].part.count > self.limits.batch_rows:
                break
            batch.append(self._queue.popleft())
        return batch

    def _answer(self, batch: list[_Waiting]) -> list[Answer | Refused]:
        started = time.perf_counter()
        answers = self.model.answers([waiting.part for waiting in batch])
        seconds = time.perf_counter() - started
        self._seconds += _MEMORY * (seconds - self._seconds)
        self.telemetry.batch(len(batch), sum(waiting.part.count for waiting in batch), seconds)
        return answers

    def _answer_and_return(self, loop: asyncio.AbstractEventLoop, batch: list[_Waiting]) -> None:
        answers = self._answer(batch)
        loop.call_soon_threadsafe(self._finish, loop, batch, answers)

    def _finish(
        self, loop: asyncio.AbstractEventLoop, batch: list[_Waiting], answers: list[Answer | Refused]
    ) -> None:
        for waiting, answer in zip(batch, answers, strict=True):
            if not waiting.future.done():
                waiting.future.set_result(answer)
        if self._queue:
            loop.call_soon(self._start, loop)
        else:
            self._running = False
