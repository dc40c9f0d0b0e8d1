"""A mapping from a queue to a function reads the queue under the function's role.

MiniStack asks nobody. What AWS asks for: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""

import logging
import time
from typing import Any

from embedded import authority

logger = logging.getLogger(__name__)

_ACTIONS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
_PAUSE_SECONDS = 5


def install() -> None:
    """Ask before a batch is handed to a function."""
    from ministack.services import lambda_svc

    run = lambda_svc._run_sqs_batch

    def run_batch(mapping: dict[str, Any], function: Any, *rest: Any) -> None:
        reason = _refusal(function["config"]["Role"], mapping["EventSourceArn"])
        if reason is None:
            run(mapping, function, *rest)
            return
        # The messages stay hidden for their visibility timeout, then come again.
        logger.warning("%s: %s", mapping["FunctionName"], reason)
        mapping["LastProcessingResult"] = f"PROBLEM: {reason}"
        lambda_svc._esm_backoff_until[mapping["UUID"]] = time.time() + _PAUSE_SECONDS

    lambda_svc._run_sqs_batch = run_batch


def _refusal(role_arn: str, queue_arn: str) -> str | None:
    try:
        for action in _ACTIONS:
            authority.check(role_arn, action, queue_arn)
    except authority.AccessDenied as denied:
        return str(denied)
    return None
