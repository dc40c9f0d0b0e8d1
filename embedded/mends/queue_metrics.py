"""The gauges of AWS/SQS, once a minute; MiniStack has none, so no alarm on a dead-letter queue ever rings.

"Available CloudWatch metrics for Amazon SQS" in
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/
"""

import logging
import threading
import time
from collections.abc import Mapping
from typing import Any

logger = logging.getLogger(__name__)

_STEP_SECONDS = 60.0

_were_full: set[str] = set()


def install() -> None:
    """Look at all queues now and then."""

    def run() -> None:
        while True:
            time.sleep(_STEP_SECONDS)
            try:
                record(time.time())
            except Exception:
                logger.exception("the queues could not be measured")

    threading.Thread(target=run, daemon=True, name="queue metrics").start()


def record(now: float) -> None:
    """Write down how full each queue is that has messages, or had some a minute ago; the others are idle."""
    from ministack.core.responses import request_scope
    from ministack.services import cloudwatch, sqs

    for (account, region, url), queue in list(sqs._queues._data.items()):
        if not _is_active(url, queue):
            continue
        with request_scope(account, region):
            for name, value in measured(queue, now).items():
                unit = "Seconds" if name.endswith("OldestMessage") else "Count"
                cloudwatch.record_metric("AWS/SQS", name, value, unit, {"QueueName": queue["name"]})


def _is_active(url: str, queue: Mapping[str, Any]) -> bool:
    is_full, was_full = bool(queue["messages"]), url in _were_full
    (_were_full.add if is_full else _were_full.discard)(url)
    return is_full or was_full


def measured(queue: Mapping[str, Any], now: float) -> dict[str, float]:
    """The gauges of one queue."""
    visible = [message for message in queue["messages"] if message["visible_at"] <= now]
    hidden = [message for message in queue["messages"] if message["visible_at"] > now]
    flying = [message for message in hidden if message.get("receive_count")]
    oldest = min((message["sent_at"] for message in [*visible, *flying]), default=now)
    return {
        "ApproximateNumberOfMessagesVisible": float(len(visible)),
        "ApproximateNumberOfMessagesNotVisible": float(len(flying)),
        "ApproximateNumberOfMessagesDelayed": float(len(hidden) - len(flying)),
        "ApproximateAgeOfOldestMessage": now - oldest,
    }
