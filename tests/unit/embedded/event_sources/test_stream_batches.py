"""Batches of a stream until they are done."""

from collections.abc import Callable, Sequence
from typing import Any

from embedded.event_sources.stream_batches import Records, Source, lanes, work

REPORTING = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
ERROR = {"error": True}


def _records(*numbers: int, keys: Sequence[str] | None = None) -> list[dict[str, Any]]:
    return [
        {
            "dynamodb": {
                "SequenceNumber": str(number),
                "ApproximateCreationDateTime": 0,
                "Keys": {"pk": {"S": keys[index] if keys else "k"}},
            }
        }
        for index, number in enumerate(numbers)
    ]


class _Function:
    """What it was called with, what was given up, and how long was waited."""

    def __init__(self, answer: Callable[[list[int]], Any], **mapping: Any) -> None:
        self.calls: list[list[int]] = []
        self.given_up: list[tuple[list[int], str, int]] = []
        self.now, self.answer, self.mapping = 0.0, answer, mapping

    def source(self, alive: bool = True) -> Source:
        def invoke(records: Records) -> Any:
            self.calls.append(_numbers(records))
            return self.answer(self.calls[-1])

        def give_up(records: Records, condition: str, attempts: int) -> None:
            self.given_up.append((_numbers(records), condition, attempts))

        def pause(seconds: float) -> bool:
            self.now += seconds
            return alive

        return Source(self.mapping, invoke, give_up, pause, lambda: self.now)


def _numbers(records: Records) -> list[int]:
    return [int(record["dynamodb"]["SequenceNumber"]) for record in records]


def test_a_batch_that_succeeds_is_done() -> None:
    """One call."""
    function = _Function(lambda _: {})
    assert work(function.source(), _records(1, 2))
    assert function.calls == [[1, 2]]


def test_a_batch_is_tried_so_often_and_given_up() -> None:
    """MaximumRetryAttempts counts retries; the destination hears of the batch."""
    function = _Function(lambda _: ERROR, MaximumRetryAttempts=2)
    assert work(function.source(), _records(1, 2))
    assert function.calls == [[1, 2]] * 3
    assert function.given_up == [([1, 2], "RetryAttemptsExhausted", 3)]


def test_halving_finds_the_poison() -> None:
    """What is good gets through, and only the bad record is given up."""
    function = _Function(
        lambda numbers: ERROR if 3 in numbers else {},
        MaximumRetryAttempts=1, BisectBatchOnFunctionError=True,
    )  # fmt: skip
    assert work(function.source(), _records(1, 2, 3, 4))
    assert function.calls == [[1, 2, 3, 4], [1, 2], [3, 4], [3], [3], [4]]
    assert function.given_up == [([3], "RetryAttemptsExhausted", 2)]


def test_a_reported_failure_is_a_checkpoint() -> None:
    """The next batch starts at the first record that failed."""
    answers = [{"body": {"batchItemFailures": [{"itemIdentifier": "3"}, {"itemIdentifier": "2"}]}}, {}]
    function = _Function(lambda _: answers.pop(0), **REPORTING)
    assert work(function.source(), _records(1, 2, 3))
    assert function.calls == [[1, 2, 3], [2, 3]]


def test_records_that_are_too_old_are_given_up() -> None:
    """MaximumRecordAgeInSeconds, with retries without a limit."""
    function = _Function(lambda _: ERROR, MaximumRecordAgeInSeconds=60)
    assert work(function.source(), _records(1))
    assert function.given_up == [([1], "RecordAgeExceeded", len(function.calls))]
    assert function.now > 60


def test_a_mapping_that_is_gone_stops() -> None:
    """And the batch is not done: whoever comes next finds it."""
    function = _Function(lambda _: ERROR)
    assert not work(function.source(alive=False), _records(1))
    assert function.given_up == []


def test_lanes_keep_the_order_of_each_key() -> None:
    """ParallelizationFactor: side by side, but one key's records in one lane, in order."""
    found = list(lanes(_records(1, 2, 3, 4, 5, 6, keys=["a", "b", "c", "a", "b", "c"]), 10, 1))
    assert len(found) > 1
    places = [[number for batch in lane for number in _numbers(batch)] for lane in found]
    assert all(lane == sorted(lane) for lane in places)
    for pair in ((1, 4), (2, 5), (3, 6)):
        assert any(set(pair) <= set(lane) for lane in places)
