"""`MaxDelaySeconds` and `JitterStrategy` of a retrier, which MiniStack ignores.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

import random
from collections.abc import Callable, Mapping
from typing import Any


def install() -> None:
    """Hand MiniStack, for each attempt, the delay that AWS would take."""
    from ministack.services import stepfunctions

    find = stepfunctions._find_matching_retrier

    def find_retrier(retriers: Any, error: str, counts: dict[int, int]) -> Any:
        retrier, index = find(retriers, error, counts)
        if retrier is None:
            return retrier, index
        return {"IntervalSeconds": delay(retrier, counts.get(index, 0)), "BackoffRate": 1}, index

    stepfunctions._find_matching_retrier = find_retrier


def delay(
    retrier: Mapping[str, Any], attempts: int, draw: Callable[[float, float], float] = random.uniform
) -> float:
    """Seconds to wait before the retry after so many attempts."""
    longest = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** attempts
    longest = min(longest, retrier.get("MaxDelaySeconds", longest))
    return draw(0, longest) if retrier.get("JitterStrategy") == "FULL" else longest
