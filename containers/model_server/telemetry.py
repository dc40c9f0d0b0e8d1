"""Counts and durations in Prometheus' text format (version 0.0.4)."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from containers.model_server.served_model import ModelInfo

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096)


@dataclass
class Histogram:
    """How often a value fell at or below each bound."""

    bounds: Sequence[float]
    counts: list[int] = field(init=False)
    total: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds) + 1)

    def observe(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def lines(self, name: str, what: str) -> Iterator[str]:
        """The histogram as Prometheus wants it: cumulative."""
        yield f"# HELP {name} {what}"
        yield f"# TYPE {name} histogram"
        running = 0
        for bound, count in zip((*self.bounds, "+Inf"), self.counts, strict=True):
            running += count
            yield f'{name}_bucket{{le="{bound}"}} {running}'
        yield f"{name}_sum {self.total:.9g}"
        yield f"{name}_count {running}"


@dataclass
class Telemetry:
    """What the server has done so far."""

    requests: Counter[tuple[int, str]] = field(default_factory=Counter)
    latency: Histogram = field(default_factory=lambda: Histogram(SECONDS))
    predicting: Histogram = field(default_factory=lambda: Histogram(SECONDS))
    batch_requests: Histogram = field(default_factory=lambda: Histogram(SIZES))
    batch_rows: Histogram = field(default_factory=lambda: Histogram(SIZES))
    in_flight: int = 0

    def request(self, status: int, content_type: str, seconds: float) -> None:
        """Count one finished invocation."""
        self.requests[status, content_type] += 1
        self.latency.observe(seconds)

    def batch(self, requests: int, rows: int, seconds: float) -> None:
        """Count one call of the model."""
        self.batch_requests.observe(requests)
        self.batch_rows.observe(rows)
        self.predicting.observe(seconds)

    def text(self, info: ModelInfo | None) -> str:
        """Everything, as `/metrics` answers it."""
        return "\n".join((*self._counters(), *self._histograms(), *_model_lines(info), ""))

    def _counters(self) -> Iterator[str]:
        yield "# HELP sluiceway_requests_total Invocations by HTTP status and content type."
        yield "# TYPE sluiceway_requests_total counter"
        for (status, content_type), count in sorted(self.requests.items()):
            yield f'sluiceway_requests_total{{status="{status}",content_type="{content_type}"}} {count}'
        yield "# HELP sluiceway_in_flight Invocations that are being answered."
        yield "# TYPE sluiceway_in_flight gauge"
        yield f"sluiceway_in_flight {self.in_flight}"

    def _histograms(self) -> Iterator[str]:
        yield from self.latency.lines("sluiceway_request_seconds", "Time from request to answer.")
        yield from self.predicting.lines("sluiceway_predict_seconds", "Time in the model, each call.")
        yield from self.batch_requests.lines("sluiceway_batch_requests", "Requests answered by one call.")
        yield from self.batch_rows.lines("sluiceway_batch_rows", "Rows in one call.")


def _model_lines(info: ModelInfo | None) -> Iterator[str]:
    yield "# HELP sluiceway_model_info The loaded model; no sample before it is loaded."
    yield "# TYPE sluiceway_model_info gauge"
    if info:
        labels = {
            "model_id": info.model_id,
            "run_id": info.run_id,
            "flavour": info.flavour,
            "signature_enforced": str(info.enforced).lower(),
        }
        inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
        yield f"sluiceway_model_info{{{inside}}} 1"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
