"""Queues feed functions in batches of up to 10,000 messages, within a window, 6 MB at most.

MiniStack takes ten messages at once at most, ignores the window, mixes the groups of FIFO queues, keeps what
a filter drops until the batch succeeds, takes a response that names an unknown message for success, and gives
a batch that is throttled up; Lambda goes on trying it while the queue hides its messages.
https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

from embedded.event_sources import filters, responses
from embedded.event_sources.collecting import Collected, Message, by_group
from embedded.event_sources.queue_records import record
from embedded.mends.throttled_events import until_there_is_room

logger = logging.getLogger(__name__)

_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE = 5.0
"""seconds between two tries of a batch that is throttled"""
_POLLERS = 5
"""As many batches at once as AWS starts with."""


def install() -> None:
    """Put our polling in the place of MiniStack's."""
    from ministack.services import lambda_svc

    lambda_svc._poll_sqs = Poller(lambda_svc).poll
    lambda_svc._run_sqs_batch = run_batch


class Poller:
    """Looks into the queue of each mapping."""

    def __init__(self, lambda_svc: Any) -> None:
        self._lambda = lambda_svc
        self._held: dict[str, Collected] = {}

    def poll(self) -> bool:
        """Look once; true where a batch went out, and there may be more."""
        from ministack.core.responses import request_scope

        is_busy = False
        for account, region, mapping in self._lambda._iter_all_esms():
            if ":sqs:" in mapping.get("EventSourceArn", "") and mapping.get("Enabled", True):
                with request_scope(account, region):
                    is_busy = self._serve(mapping) or is_busy
        return is_busy

    def _serve(self, mapping: dict[str, Any]) -> bool:
        from ministack.services import sqs

        function, config = self._lambda._get_func_record_for_qualifier(
            mapping["FunctionName"], mapping.get("Qualifier")
        )
        queue = sqs._queue_by_arn(mapping["EventSourceArn"])
        if function is None or queue is None or self._is_full(mapping, function, config):
            return False
        held = self._collected(mapping)
        self._receive(mapping, queue, held)
        if not held.is_due(time.time()):
            return False
        self._dispatch(mapping, function, queue, held.take())
        return True

    def _is_full(self, mapping: Mapping[str, Any], function: Any, config: Any) -> bool:
        limit = (mapping.get("ScalingConfig") or {}).get("MaximumConcurrency") or _POLLERS
        reserved = self._lambda._reserved_concurrency(function, config)
        most = limit if reserved is None else min(limit, reserved)
        resting = self._lambda._esm_backoff_until.get(mapping["UUID"], 0) > time.time()
        return bool(resting or self._lambda._esm_inflight.get(mapping["UUID"], 0) >= most)

    def _collected(self, mapping: Mapping[str, Any]) -> Collected:
        size, window = mapping.get("BatchSize") or 10, mapping.get("MaximumBatchingWindowInSeconds") or 0
        held = self._held.get(mapping["UUID"])
        if held is None or not held.messages:
            held = self._held[mapping["UUID"]] = Collected(size, window)
        return held

    def _receive(self, mapping: Mapping[str, Any], queue: Any, held: Collected) -> None:
        patterns = filters.patterns_of(mapping)
        dropped = set()
        for message in receive(queue, held.room()):
            found = record(message, mapping["EventSourceArn"])
            if filters.matches(found, patterns):
                held.add(message, found, time.time())
            else:
                dropped.add(message["receipt_handle"])
        _delete(queue, dropped)

    def _dispatch(self, mapping: Any, function: Any, queue: Any, batch: Any) -> None:
        for part in by_group(batch) if queue.get("is_fifo") else [batch]:
            event = {"Records": [found for _, found in part]}
            messages = [message for message, _ in part]
            name = mapping["EventSourceArn"].rpartition(":")[2]
            self._lambda._dispatch_esm_batch(
                mapping["UUID"],
                self._lambda._run_sqs_batch,
                mapping, function, event, messages, queue["url"], name,
            )  # fmt: skip


def receive(queue: dict[str, Any], most: int) -> list[Message]:
    """Take up to so many visible messages, which stay hidden for the queue's visibility timeout."""
    from ministack.services import sqs

    with sqs._queues_lock:
        sqs._expire_retained(queue)
        sqs._dlq_sweep(queue)
        found: list[Message] = sqs._collect_msgs(queue, most, _hidden_seconds(queue))
    return found


def run_batch(
    mapping: dict[str, Any],
    function: Any,
    event: Mapping[str, Any],
    messages: Sequence[Message],
    _url: str,
    name: str,
) -> None:
    """Invoke a function with a batch, and delete what succeeded; the rest comes again when it is visible."""
    from ministack.services import lambda_svc, sqs

    received_from = sqs._queue_by_arn(mapping["EventSourceArn"])
    # Half of the time: the function itself has to end before the messages are seen again.
    result = until_there_is_room(
        lambda: lambda_svc._execute_function(function, event),
        seconds=_hidden_seconds(received_from) / 2 if received_from else 0,
        longest_pause=_LONGEST_PAUSE,
    )
    failed = responses.failed(result, [message["id"] for message in messages], mapping)
    done = {message["receipt_handle"] for message in messages if message["id"] not in failed}
    queue = sqs._queue_by_arn(mapping["EventSourceArn"])
    if queue:
        _delete(queue, done)
    mapping["LastProcessingResult"] = "FAILED" if failed else f"OK - {len(done)} records"
    if failed:
        logger.warning(
            "%s failed with %s of %s messages of %s",
            mapping["FunctionName"],
            len(failed),
            len(messages),
            name,
        )
    if not done:
        lambda_svc._esm_backoff_until[mapping["UUID"]] = time.time() + _PAUSE_SECONDS


def _hidden_seconds(queue: Mapping[str, Any]) -> int:
    """For how long nobody else gets what was received."""
    return int(queue["attributes"].get("VisibilityTimeout", "30"))


def _delete(queue: Mapping[str, Any], receipts: set[str]) -> None:
    from ministack.services import sqs

    if receipts:
        sqs._delete_messages_for_esm(queue["url"], receipts)
