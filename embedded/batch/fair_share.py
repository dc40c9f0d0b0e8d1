"""The order of jobs in a queue with a fair-share policy.

Sources: https://docs.aws.amazon.com/batch/latest/userguide/fair-share-scheduling.html and the API's
FairsharePolicy and ShareAttributes. The share that has used least of its due goes first: its usage, in vCPU
averaged over the decay window and with what runs now, times its weight factor. AWS does not tell the curve of
the decay; here a moment counts the less the longer ago it is: in a straight line to nothing at the end.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from embedded.batch.model import Job

# "A value of zero (0) indicates the default minimum time window (600 seconds)".
DEFAULT_WINDOW = 600


@dataclass(frozen=True)
class Span:
    """A time during which a share used vCPU, in milliseconds since 1970; one that goes on has no end."""

    share: str
    vcpus: float
    start: int
    end: int | None = None


@dataclass(frozen=True)
class Policy:
    """A `fairsharePolicy`; the window is in seconds."""

    window: int
    reservation: int
    weights: Sequence[tuple[str, float]]

    def weight(self, share: str) -> float:
        """A share's factor: its own, that of a prefix (`team*`), or 1."""
        for pattern, factor in self.weights:
            if share == pattern or (pattern.endswith("*") and share.startswith(pattern[:-1])):
                return factor
        return 1.0

    def reserved(self, active_shares: int) -> float:
        """The part of the vCPU that is kept for shares that are not active: (reservation/100)^active."""
        return (self.reservation / 100) ** active_shares if active_shares else 0.0


def policy_of(document: Mapping[str, Any]) -> Policy:
    """From the API's members."""
    given = document.get("shareDistribution", ())
    return Policy(
        window=int(document.get("shareDecaySeconds") or DEFAULT_WINDOW),
        reservation=int(document.get("computeReservation", 0)),
        weights=[(item["shareIdentifier"], float(item.get("weightFactor", 1.0))) for item in given],
    )


def usage(spans: Iterable[Span], *, window: int, now: int) -> dict[str, float]:
    """Each share's use in vCPU: what it takes now, and what it took in the window, the later the more."""
    found: dict[str, float] = {}
    for span in spans:
        running = span.vcpus if span.end is None else 0.0
        used = running + span.vcpus * _decayed(span, window * 1000, now)
        if used:
            found[span.share] = found.get(span.share, 0.0) + used
    return found


def in_line(jobs: Iterable[Job], used: Mapping[str, float], policy: Policy) -> Iterator[Job]:
    """The jobs in the order in which they may start; each counts as running when the next is asked for."""
    lines = _lines(jobs)
    running = dict(used)
    while lines:
        share = min(
            lines, key=lambda name: (running.get(name, 0.0) * policy.weight(name), lines[name][-1].place)
        )
        job = lines[share].pop()
        if not lines[share]:
            del lines[share]
        yield job
        running[share] = running.get(share, 0.0) + job.vcpus


def _lines(jobs: Iterable[Job]) -> dict[str, list[Job]]:
    """Each share's jobs, the next one last: by scheduling priority, then by submission."""
    lines: dict[str, list[Job]] = {}
    for job in jobs:
        lines.setdefault(job.share_identifier or "", []).append(job)
    for line in lines.values():
        line.sort(key=lambda job: (-(job.scheduling_priority or 0), job.place), reverse=True)
    return lines


def _decayed(span: Span, window_ms: int, now: int) -> float:
    """The average over the window of a line from 0 at its begin to 1 now, as far as the span covers it."""
    begin = max(span.start, now - window_ms)
    end = min(span.end if span.end is not None else now, now)
    if end <= begin:
        return 0.0
    middle = 1 - (now - (begin + end) / 2) / window_ms
    return (end - begin) / window_ms * middle
