"""What a function's answer says of a batch: all done, some records failed, or all of them.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
"""

from collections.abc import Mapping, Sequence
from typing import Any

_REPORTS = "ReportBatchItemFailures"


def failed(result: Mapping[str, Any], identifiers: Sequence[str], mapping: Mapping[str, Any]) -> set[str]:
    """The identifiers of the records that failed."""
    if result.get("error"):
        return set(identifiers)
    if _REPORTS not in (mapping.get("FunctionResponseTypes") or []):
        return set()
    return _reported(result.get("body"), set(identifiers))


def _reported(body: Any, everything: set[str]) -> set[str]:
    if body in (None, {}, ""):
        return set()
    if not isinstance(body, dict):
        return everything
    items = body.get("batchItemFailures")
    if items is None:
        return set()
    try:
        named = {item["itemIdentifier"] for item in items}
    except (TypeError, KeyError):
        return everything
    # An empty name, or one of no record of the batch, fails them all.
    return named if named <= everything else everything
