"""What SageMaker puts into CloudWatch: invocations by minute, and what the containers of a variant use.

Names, units, dimensions and meaning: "Amazon SageMaker AI metrics in Amazon CloudWatch"; the dimension
`EndpointConfigName`: "Auto-Rollback Configuration and Monitoring".
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import floor, log10

from embedded.cloud import Cloud
from embedded.sagemaker.usage import UsageMeter

logger = logging.getLogger(__name__)

INVOCATIONS, INSTANCES = "AWS/SageMaker", "/aws/sagemaker/Endpoints"
FLUSH_SECONDS = 5.0
"""CloudWatch's points are a minute apart; they are written earlier, so that nobody has to wait for them."""

_USAGE_SECONDS = 60.0
_SIGNIFICANT = 3


@dataclass(frozen=True)
class Point:
    """One value of a metric. `dimensions` are pairs of name and value."""

    dimensions: tuple[tuple[str, str], ...]
    metric: str
    value: float
    unit: str = "None"
    namespace: str = INVOCATIONS


@dataclass(frozen=True)
class Running:
    """A running container, and the dimensions under which its use of the machine is written."""

    dimensions: tuple[tuple[str, str], ...]
    pid: int
    namespace: str = INSTANCES


@dataclass(frozen=True)
class Invocation:
    """One request, as it ended. `status` is the container's; 0 when there was no answer."""

    endpoint: str
    variant: str
    status: int
    model_seconds: float
    overhead_seconds: float
    instances: int
    config: str = ""
    setup_seconds: float | None = None
    """How long a serverless variant took to start a container for it."""
    is_serverless: bool = False
    is_async: bool = False


Gauge = Callable[[], Iterable[Point]]
_Key = tuple[str, tuple[tuple[str, str], ...], str, str, int]


class Metrics:
    """Gathers values in memory and writes them to CloudWatch now and then."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._running: list[Callable[[], Iterable[Running]]] = []
        self._gauges: list[Gauge] = []
        self._lock = threading.Lock()
        self._values: dict[_Key, Counter[float]] = {}
        self._usage = UsageMeter()

    def start(self) -> None:
        """Write from now on, in a thread of its own."""
        threading.Thread(target=self._keep_writing, daemon=True, name="SageMaker metrics").start()

    def gauge(self, read: Gauge) -> None:
        """Ask for these points at every writing."""
        self._gauges.append(read)

    def measured(self, running: Callable[[], Iterable[Running]]) -> None:
        """Measure what these containers use."""
        self._running.append(running)

    def record(self, done: Invocation) -> None:
        """Count an invocation."""
        for dimensions in _dimensions(done):
            for (metric, unit), value in _values(done).items():
                self.add(Point(dimensions, metric, value, unit))

    def add(self, point: Point) -> None:
        """Count one value."""
        minute = int(time.time() // 60) * 60
        key = (point.namespace, point.dimensions, point.metric, point.unit, minute)
        with self._lock:
            self._values.setdefault(key, Counter())[point.value] += 1

    def flush(self) -> None:
        """Write what was gathered."""
        for gauge in self._gauges:
            for point in gauge():
                self.add(point)
        with self._lock:
            values, self._values = self._values, {}
        for key, counts in values.items():
            self._put(key, counts)
        if values:
            self._evaluate_alarms()

    def measure(self) -> None:
        """Write what the containers use of processor and memory."""
        minute = int(time.time() // 60) * 60
        for each in (one for running in self._running for one in running()):
            for metric, value in self._usage.measure(each.pid).items():
                key = (each.namespace, each.dimensions, metric, "Percent", minute)
                self._put(key, Counter({round(value, 2): 1}))

    def _keep_writing(self) -> None:
        measured = time.monotonic() - _USAGE_SECONDS + FLUSH_SECONDS
        while True:
            time.sleep(FLUSH_SECONDS)
            try:
                self.flush()
                if time.monotonic() - measured >= _USAGE_SECONDS:
                    measured = time.monotonic()
                    self.measure()
            except Exception:
                logger.exception("metrics were not written")

    def _put(self, key: _Key, counts: Counter[float]) -> None:
        from ministack.core.responses import request_scope
        from ministack.services import cloudwatch

        namespace, dimensions, metric, unit, at = key
        values, times = list(counts), [float(each) for each in counts.values()]
        with request_scope(self._cloud.account_id, self._cloud.region):
            cloudwatch._store_datum(
                namespace, metric, dict(dimensions), float(at), unit, None, values, times, None
            )

    def _evaluate_alarms(self) -> None:
        from ministack.core.responses import request_scope
        from ministack.services import cloudwatch

        with request_scope(self._cloud.account_id, self._cloud.region):
            cloudwatch._evaluate_all_alarms()


def of_endpoint(endpoint: str, variant: str | None = None) -> tuple[tuple[str, str], ...]:
    """The dimensions of an endpoint, or of one of its variants."""
    name = ("EndpointName", endpoint)
    return (name,) if variant is None else (name, ("VariantName", variant))


def rounded(value: float) -> float:
    """Three significant digits: a minute of many requests stays a small set of values."""
    if value <= 0:
        return 0.0
    return float(round(value, _SIGNIFICANT - 1 - floor(log10(value))))


def _dimensions(done: Invocation) -> list[tuple[tuple[str, str], ...]]:
    usual = of_endpoint(done.endpoint, done.variant)
    return [usual, (*usual, ("EndpointConfigName", done.config))] if done.config else [usual]


def _values(done: Invocation) -> Mapping[tuple[str, str], float]:
    """By name and unit. An asynchronous endpoint has none but errors and the model's latency."""
    values = {
        ("Invocation4XXErrors", "None"): float(400 <= done.status < 500),
        ("Invocation5XXErrors", "None"): float(done.status >= 500),
        ("ModelLatency", "Microseconds"): rounded(done.model_seconds * 1e6),
    }
    if done.is_async:
        return values
    values |= {
        ("Invocations", "None"): 1.0,
        ("InvocationModelErrors", "None"): float(not 200 <= done.status < 300),
        ("OverheadLatency", "Microseconds"): rounded(done.overhead_seconds * 1e6),
    }
    if done.setup_seconds is not None:
        values["ModelSetupTime", "Microseconds"] = rounded(done.setup_seconds * 1e6)
    if not done.is_serverless:
        values["InvocationsPerInstance", "None"] = 1 / max(done.instances, 1)
    return values
