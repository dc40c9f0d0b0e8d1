"""The containers of a serverless variant: started by requests, ended when idle, never more than allowed.

Source: "Deploy models with Amazon SageMaker Serverless Inference": a request beyond the maximum concurrency
is throttled; containers of the provisioned concurrency stay warm. After what time an idle container ends is
AWS's own affair; here it is `IDLE_SECONDS`.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence

from embedded.sagemaker.clock import Clock
from embedded.sagemaker.instance import Instance
from embedded.sagemaker.records import Serverless

IDLE_SECONDS = 300.0

Start = Callable[[], Instance]
Stop = Callable[[Sequence[Instance]], None]


class ThrottledError(Exception):
    """More requests at once than the variant's maximum concurrency."""


class Pool:
    """Containers of one serverless variant of one fleet."""

    def __init__(self, limits: Serverless, start: Start, stop: Stop, *, clock: Clock, processes: int) -> None:
        """`processes` is how many containers run at most; beyond, requests share them."""
        self._limits = limits
        self._start = start
        self._stop = stop
        self._clock = clock
        self._processes = processes
        self._changed = threading.Condition()
        self._leased = 0
        self._starting = 0
        self._instances: list[Instance] = []
        self._idle_since: dict[str, float] = {}

    def running(self) -> Sequence[Instance]:
        """The containers that are there now."""
        return list(self._instances)

    def limit(self, limits: Serverless) -> None:
        """Take over a new concurrency."""
        with self._changed:
            self._limits = limits

    def warm(self) -> None:
        """Start containers up to the provisioned concurrency."""
        while self._lacks_warm():
            self._launch()

    @contextlib.contextmanager
    def lease(self) -> Iterator[tuple[Instance, float | None]]:
        """A container for one request, and the seconds that starting one for it took, if one was."""
        with self._changed:
            if self._leased >= self._limits.max_concurrency:
                raise ThrottledError
            self._leased += 1
        try:
            instance, setup = self._take()
            try:
                yield instance, setup
            finally:
                self._give_back(instance)
        finally:
            with self._changed:
                self._leased -= 1
                self._changed.notify_all()

    def settle(self, seconds: float) -> bool:
        """Wait until nobody holds a container; whether that came within `seconds`."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._leased, seconds)

    def reap(self) -> None:
        """End containers that have been idle for long, and forget those that have ended by themselves."""
        with self._changed:
            self._instances = [each for each in self._instances if each.is_alive]
            spare = len(self._instances) - min(self._limits.provisioned, self._processes)
            ended = [each for each in self._instances if self._is_stale(each)][: max(spare, 0)]
            self._instances = [each for each in self._instances if each not in ended]
        self._stop(ended)

    def _is_stale(self, instance: Instance) -> bool:
        since = self._idle_since.get(instance.instance_id, self._clock.now())
        return not instance.in_flight and self._clock.now() - since >= IDLE_SECONDS

    def _lacks_warm(self) -> bool:
        wanted = min(self._limits.provisioned, self._processes)
        return len([each for each in self._instances if each.is_alive]) < wanted

    def _take(self) -> tuple[Instance, float | None]:
        found = self._free()
        if found is not None:
            return found, None
        started = self._clock.now()
        instance = self._launch(taken=True)
        return instance, self._clock.now() - started

    def _free(self) -> Instance | None:
        """An idle container, or one to share where no further may be started; None when one may."""
        with self._changed:
            while True:
                ready = [each for each in self._instances if each.is_alive]
                idle = [each for each in ready if not each.in_flight]
                is_full = len(ready) + self._starting >= self._processes
                found = idle or (ready if is_full else [])
                if found:
                    chosen = min(found, key=lambda each: each.in_flight)
                    chosen.in_flight += 1
                    return chosen
                if not is_full:
                    self._starting += 1
                    return None
                self._changed.wait()

    def _launch(self, *, taken: bool = False) -> Instance:
        try:
            instance = self._start()
        finally:
            with self._changed:
                self._starting -= taken
                self._changed.notify_all()
        with self._changed:
            instance.in_flight += taken
            self._instances.append(instance)
            self._idle_since[instance.instance_id] = self._clock.now()
            self._changed.notify_all()
        return instance

    def _give_back(self, instance: Instance) -> None:
        with self._changed:
            instance.in_flight -= 1
            self._idle_since[instance.instance_id] = self._clock.now()
            self._changed.notify_all()
