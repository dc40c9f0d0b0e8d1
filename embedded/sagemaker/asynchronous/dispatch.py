"""Hands waiting requests to endpoints: as many at once as their instances take."""

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from embedded.sagemaker.asynchronous.processing import Processing
from embedded.sagemaker.asynchronous.queue import Queue, Request
from embedded.sagemaker.clock import Clock
from embedded.sagemaker.deployments import Deployments
from embedded.sagemaker.metrics import Point, of_endpoint
from embedded.sagemaker.records import EndpointRecord, Table
from embedded.sagemaker.traffic import NoVariantError

logger = logging.getLogger(__name__)

_AT_ONCE = 4
"""For each instance where the configuration says nothing: "SageMaker chooses an optimal value"."""

_LOOK_SECONDS = 0.5
_THREADS = 32


class Dispatcher:
    """Works the queue off."""

    def __init__(
        self,
        endpoints: Table[EndpointRecord],
        deployments: Deployments,
        queue: Queue,
        processing: Processing,
        *,
        clock: Clock,
        closing: threading.Event,
    ) -> None:
        self._endpoints = endpoints
        self._deployments = deployments
        self._queue = queue
        self._processing = processing
        self._clock = clock
        self._woken = threading.Event()
        self._closing = closing
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="asynchronous inference")

    def start(self) -> None:
        """Work from now on, in threads of its own."""
        threading.Thread(target=self._run, daemon=True, name="asynchronous inference").start()

    def wake(self) -> None:
        """Look at once: something has changed."""
        self._woken.set()

    def close(self) -> None:
        """Begin nothing further: the cloud is being stopped."""
        self._closing.set()

    def look(self) -> None:
        """Begin what can be begun, end what is overdue, and forget what nobody is there for."""
        for name in self._queue.endpoints():
            record = self._endpoints.get(name)
            if record is None:
                self._queue.drop(name)
            else:
                self._look(record)

    def gauges(self) -> Iterator[Point]:
        """The backlog of each asynchronous endpoint."""
        for record in self._endpoints.all():
            if record.options.asynchronous is not None:
                yield from self._gauges(record)

    def _look(self, record: EndpointRecord) -> None:
        for request in self._queue.overdue(record.name, self._clock.now()):
            self._begin(self._processing.expire, record, request)
        while not self._closing.is_set() and self._queue.taken(record.name) < self._capacity(record):
            oldest = self._queue.take(record.name)
            if oldest is None:
                return
            self._begin(self._processing.run, record, oldest)

    def _begin(
        self, run: Callable[[EndpointRecord, Request], None], record: EndpointRecord, request: Request
    ) -> None:
        def guarded() -> None:
            try:
                run(record, request)
            except NoVariantError:  # Scaled in or crashed at this moment: it waits again.
                self._queue.put_back(request)
                return
            except Exception:
                logger.exception("asynchronous inference %s", request.inference_id)
            if not self._closing.is_set():  # Else an answer may be missing: the next server does it again.
                self._queue.done(request)
            self.wake()

        self._pool.submit(guarded)

    def _capacity(self, record: EndpointRecord) -> int:
        config = record.options.asynchronous or {}
        each = config.get("ClientConfig", {}).get("MaxConcurrentInvocationsPerInstance", _AT_ONCE)
        alive = [one for one in self._deployments.traffic(record.name).running() if one.is_alive]
        return int(each * len(alive))

    def _gauges(self, record: EndpointRecord) -> Iterator[Point]:
        backlog = self._queue.backlog(record.name)
        traffic = self._deployments.traffic(record.name)
        count = sum(traffic.capacity(each.name) for each in record.variants)
        dimensions = of_endpoint(record.name)
        oldest = max((self._clock.now() - each.received for each in backlog), default=0.0)
        yield Point(dimensions, "ApproximateBacklogSize", float(len(backlog)), "Count")
        # Without instances there is nothing to divide by: the backlog itself, which lets a policy scale out.
        per_instance = len(backlog) / max(count, 1)
        yield Point(dimensions, "ApproximateBacklogSizePerInstance", per_instance, "Count")
        yield Point(dimensions, "ApproximateAgeOfOldestRequest", round(oldest), "Seconds")
        has_none = float(bool(backlog) and not count)
        yield Point(dimensions, "HasBacklogWithoutCapacity", has_none, "Count")

    def _run(self) -> None:
        while not self._closing.is_set():
            self._woken.wait(_LOOK_SECONDS)
            self._woken.clear()
            try:
                self.look()
            except Exception:
                logger.exception("asynchronous inference")
