"""What SageMaker puts into CloudWatch: invocations by minute, and what the containers of a variant use.

Names, units and meaning: "Amazon SageMaker AI metrics in Amazon CloudWatch".
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
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

# endpoint, variant, metric, unit, minute
_Key = tuple[str, str, str, str, int]
Running = Callable[[], Iterable[tuple[str, str, int]]]
"""Endpoint, variant and process id of each running container."""


@dataclass(frozen=True)
class Invocation:
    """One request, as it ended. `status` is the container's; 0 when there was no answer."""

    endpoint: str
    variant: str
    status: int
    model_seconds: float
    overhead_seconds: float
    instances: int


class Metrics:
    """Gathers values in memory and writes them to CloudWatch now and then."""

    def __init__(self, cloud: Cloud, running: Running) -> None:
        self._cloud = cloud
        self._running = running
        self._lock = threading.Lock()
        self._values: dict[_Key, Counter[float]] = {}
        self._usage = UsageMeter()

    def start(self) -> None:
        """Write from now on, in a thread of its own."""
        threading.Thread(target=self._keep_writing, daemon=True, name="SageMaker metrics").start()

    def record(self, done: Invocation) -> None:
        """Count an invocation."""
        values = {
            ("Invocations", "None"): 1.0,
            ("InvocationsPerInstance", "None"): 1 / max(done.instances, 1),
            ("Invocation4XXErrors", "None"): float(400 <= done.status < 500),
            ("Invocation5XXErrors", "None"): float(done.status >= 500),
            ("InvocationModelErrors", "None"): float(not 200 <= done.status < 300),
            ("ModelLatency", "Microseconds"): _rounded(done.model_seconds * 1e6),
            ("OverheadLatency", "Microseconds"): _rounded(done.overhead_seconds * 1e6),
        }
        minute = int(time.time() // 60) * 60
        with self._lock:
            for (metric, unit), value in values.items():
                key = (done.endpoint, done.variant, metric, unit, minute)
                self._values.setdefault(key, Counter())[value] += 1

    def flush(self) -> None:
        """Write what was gathered."""
        with self._lock:
            values, self._values = self._values, {}
        for (endpoint, variant, metric, unit, minute), counts in values.items():
            self._put(INVOCATIONS, (endpoint, variant), (metric, unit), minute, counts)
        if values:
            self._evaluate_alarms()

    def measure(self) -> None:
        """Write what the containers use of processor and memory."""
        minute = int(time.time() // 60) * 60
        for endpoint, variant, pid in self._running():
            for metric, value in self._usage.measure(pid).items():
                counts = Counter({round(value, 2): 1})
                self._put(INSTANCES, (endpoint, variant), (metric, "Percent"), minute, counts)

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

    def _put(
        self, namespace: str, of: tuple[str, str], metric: tuple[str, str], at: int, counts: Counter[float]
    ) -> None:
        from ministack.core.responses import request_scope
        from ministack.services import cloudwatch

        dimensions = {"EndpointName": of[0], "VariantName": of[1]}
        values, times = list(counts), [float(each) for each in counts.values()]
        with request_scope(self._cloud.account_id, self._cloud.region):
            cloudwatch._store_datum(
                namespace, metric[0], dimensions, float(at), metric[1], None, values, times, None
            )

    def _evaluate_alarms(self) -> None:
        from ministack.core.responses import request_scope
        from ministack.services import cloudwatch

        with request_scope(self._cloud.account_id, self._cloud.region):
            cloudwatch._evaluate_all_alarms()


def _rounded(value: float) -> float:
    """Three significant digits: a minute of many requests stays a small set of values."""
    if value <= 0:
        return 0.0
    return float(round(value, _SIGNIFICANT - 1 - floor(log10(value))))
