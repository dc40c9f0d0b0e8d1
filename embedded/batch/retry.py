"""Whether an attempt that failed is followed by another.

Rules: https://docs.aws.amazon.com/batch/latest/userguide/job_retries.html and the API's EvaluateOnExit. The
first rule whose conditions all hold decides; where none does, the job is retried. An attempt that exceeded
its timeout or was terminated is never retried.
"""

from collections.abc import Mapping
from typing import Any

from embedded.batch.model import Attempt


def is_retried(strategy: Mapping[str, Any], attempt: Attempt, attempts_so_far: int) -> bool:
    """Whether another attempt follows."""
    if attempt.terminated or attempt.timed_out or attempts_so_far >= int(strategy.get("attempts") or 1):
        return False
    for rule in strategy.get("evaluateOnExit") or ():
        if _applies(rule, attempt):
            return str(rule["action"]).upper() == "RETRY"
    return True


def _applies(rule: Mapping[str, Any], attempt: Attempt) -> bool:
    exit_code = "" if attempt.exit_code is None else str(attempt.exit_code)
    return (
        _matches(rule.get("onExitCode"), exit_code)
        and _matches(rule.get("onReason"), attempt.reason or "")
        and _matches(rule.get("onStatusReason"), attempt.status_reason)
    )


def _matches(pattern: str | None, value: str) -> bool:
    """A pattern that ends in an asterisk is a prefix; no pattern is no condition."""
    if pattern is None:
        return True
    if pattern.endswith("*"):
        return value.startswith(pattern[:-1])
    return value == pattern
