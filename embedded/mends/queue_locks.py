"""A message is not lost because another is deleted at the same moment.

MiniStack deletes by making a list of the messages that stay and putting it in the place of the old one; what
a thread appends to the old list in between (an object's notification, a dead letter) is gone. SQS stores a
message before it acknowledges it:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues.html
"""

import threading
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

# Whatever puts a list in the place of another, or appends to one; by MiniStack's modules.
_CHANGING: Mapping[str, tuple[str, ...]] = {
    "sqs": (
        "_act_send_message",
        "_act_delete_message",
        "_act_delete_message_batch",
        "_act_change_visibility",
        "_act_change_visibility_batch",
        "_act_purge_queue",
        "_collect_msgs",
        "_dlq_sweep",
        "_expire_retained",
        "_act_start_message_move_task",
        "_receive_messages_for_esm",
        "_delete_messages_for_esm",
    ),
    "sns": ("_deliver_to_sqs",),
    "s3": ("_deliver_event_to_sqs",),
    "eventbridge": ("_dispatch_to_sqs",),
    "lambda_svc": ("_route_async_failure",),
}


def install() -> None:
    """Let one at a time change queues; called after the mends that change these functions."""
    from ministack.services import eventbridge, lambda_svc, s3, sns, sqs

    modules = {"sqs": sqs, "sns": sns, "s3": s3, "eventbridge": eventbridge, "lambda_svc": lambda_svc}
    lock = threading.RLock()
    # MiniStack's own, under which mappings receive and delete: of two locks, each would wait for the other.
    sqs._queues_lock = lock
    for name, functions in _CHANGING.items():
        for function in functions:
            _lock(modules[name], function, lock)


def _lock(module: Any, name: str, lock: threading.RLock) -> None:
    original = getattr(module, name)
    locked = one_at_a_time(original, lock)
    setattr(module, name, locked)
    handlers = getattr(module, "_HANDLERS", {})
    for operation, handler in handlers.items():
        if handler is original:
            handlers[operation] = locked


def one_at_a_time(change: Callable[..., Any], lock: "threading.RLock") -> Callable[..., Any]:
    """A function that waits while another of this lock runs."""

    @wraps(change)
    def changed(*arguments: Any, **named: Any) -> Any:
        with lock:
            return change(*arguments, **named)

    return changed
