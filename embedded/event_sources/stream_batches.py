"""A batch of a stream until it is done: retries, halving, checkpoints, and what is given up.

https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-errors.html
"""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from embedded.event_sources import responses

Record = Mapping[str, Any]
Records = Sequence[Record]

_LONGEST_PAUSE = 60.0


@dataclass(frozen=True)
class Policy:
    """What a mapping says of failures; -1 is for ever."""

    retries: int = -1
    age: float = -1
    halves: bool = False

    @staticmethod
    def of(mapping: Mapping[str, Any]) -> "Policy":
        """A mapping's own."""
        retries, age = mapping.get("MaximumRetryAttempts"), mapping.get("MaximumRecordAgeInSeconds")
        return Policy(
            retries=-1 if retries is None else int(retries),
            age=-1 if age is None else float(age),
            halves=bool(mapping.get("BisectBatchOnFunctionError")),
        )


@dataclass(frozen=True)
class Source:
    """How to act for a mapping."""

    mapping: Mapping[str, Any]
    invoke: Callable[[Records], Mapping[str, Any]]
    """Call the function with a batch."""
    give_up: Callable[[Records, str, int], None]
    """Send a batch to the destination: the records, the condition, and how often it was tried."""
    pause: Callable[[float], bool]
    """Wait so many seconds; false when the mapping is gone or disabled."""
    clock: Callable[[], float]


def work(source: Source, records: Records, attempt: int = 1) -> bool:
    """Get a batch done, one way or the other; false when the mapping ended meanwhile."""
    policy = Policy.of(source.mapping)
    while records:
        records = _expired(source, policy, records, attempt)
        if not records:
            return True
        left = _left(source, records)
        if not left:
            return True
        if len(left) < len(records):
            # What succeeded is behind us: the rest is a batch of its own.
            records, attempt = left, 1
        if 0 <= policy.retries < attempt:
            source.give_up(records, "RetryAttemptsExhausted", attempt)
            return True
        if policy.halves and len(records) > 1:
            return _halves(source, records, attempt)
        if not source.pause(min(_LONGEST_PAUSE, 2.0 ** min(attempt - 1, 10))):
            return False
        attempt += 1
    return True


def _halves(source: Source, records: Records, attempt: int) -> bool:
    """Halving uses up no retries."""
    middle = len(records) // 2
    return all(work(source, half, attempt) for half in (records[:middle], records[middle:]))


def _left(source: Source, records: Records) -> Records:
    """The records from the first one that failed on."""
    numbers = [sequence_number(record) for record in records]
    failed = responses.failed(source.invoke(records), numbers, source.mapping)
    first = min((numbers.index(number) for number in failed), default=len(records))
    return records[first:]


def _expired(source: Source, policy: Policy, records: Records, attempt: int) -> Records:
    """The records that are young enough; the others are given up, once they have failed."""
    if policy.age < 0 or attempt == 1:
        return records
    oldest = source.clock() - policy.age
    old = [record for record in records if created(record) < oldest]
    if old:
        source.give_up(old, "RecordAgeExceeded", attempt - 1)
    return records[len(old) :]


def lanes(records: Records, factor: int, size: int) -> Iterator[list[Records]]:
    """Batches that may run side by side: each key's records stay in one lane, in order."""
    found: dict[int, list[Record]] = {}
    for record in records:
        found.setdefault(zlib.crc32(repr(sorted(_keys(record).items())).encode()) % factor, []).append(record)
    for lane in found.values():
        yield [lane[start : start + size] for start in range(0, len(lane), size)]


def sequence_number(record: Record) -> str:
    """A record's place in its stream."""
    return str((record.get("dynamodb") or {}).get("SequenceNumber", ""))


def created(record: Record) -> float:
    """When a record was written, in seconds since 1970."""
    return float((record.get("dynamodb") or {}).get("ApproximateCreationDateTime", 0))


def _keys(record: Record) -> Mapping[str, Any]:
    return (record.get("dynamodb") or {}).get("Keys") or {}
