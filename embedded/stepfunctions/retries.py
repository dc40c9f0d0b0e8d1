"""Which retrier or catcher takes a failure, and how long a retry waits.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from embedded.stepfunctions import failures
from embedded.stepfunctions.failures import StateFailure
from embedded.stepfunctions.model import State, Strand

_INTERVAL, _ATTEMPTS, _RATE = 1, 3, 2.0


# What `States.TaskFailed` does not stand for.
_NO_TASK_FAILURES = frozenset({failures.TIMEOUT, failures.QUERY_EVALUATION})


def matches(names: Sequence[str], failure: StateFailure) -> bool:
    """Whether `ErrorEquals` names a failure; nothing names States.Runtime."""
    if failure.error == failures.RUNTIME:
        return False
    found = {failure.error, *failure.also, failures.ALL}
    if failure.error not in _NO_TASK_FAILURES:
        found.add(failures.TASK_FAILED)
    return not found.isdisjoint(names)


def find_catcher(state: State, failure: StateFailure) -> int | None:
    """The index of the first catcher that takes a failure."""
    return _first(state.get("Catch", ()), failure)


def next_delay(state: State, strand: Strand, failure: StateFailure, draw: random.Random) -> float | None:
    """Seconds until the state is tried again, counted on the strand; None where no retrier takes the failure.

    Only the first retrier that matches counts: when its attempts are used up, the failure stands.
    """
    index = _first(state.get("Retry", ()), failure)
    if index is None:
        return None
    retrier = state["Retry"][index]
    used = strand.retries.get(str(index), 0)
    if used >= retrier.get("MaxAttempts", _ATTEMPTS):
        return None
    strand.retries[str(index)] = used + 1
    strand.attempts += 1
    return delay(retrier, used, draw)


def delay(retrier: Mapping[str, Any], used: int, draw: random.Random) -> float:
    """Seconds to wait after `used` earlier retries, without end for none."""
    longest = retrier.get("IntervalSeconds", _INTERVAL) * retrier.get("BackoffRate", _RATE) ** used
    longest = min(longest, retrier.get("MaxDelaySeconds", longest))
    return draw.uniform(0, longest) if retrier.get("JitterStrategy") == "FULL" else float(longest)


def _first(rules: Sequence[Mapping[str, Any]], failure: StateFailure) -> int | None:
    return next((i for i, rule in enumerate(rules) if matches(rule["ErrorEquals"], failure)), None)
