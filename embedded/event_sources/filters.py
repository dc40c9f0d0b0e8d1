"""Which records a mapping's filters let through: patterns of EventBridge's syntax.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

Record = Mapping[str, Any]


def matches(record: Record, patterns: Sequence[str]) -> bool:
    """Whether any pattern matches; without patterns everything does."""
    from ministack.services import eventbridge

    return not patterns or any(
        eventbridge._matches_detail(_readable(record, alternative), alternative)
        for pattern in patterns
        for alternative in eventbridge._compiled_pattern(pattern) or []
    )


def patterns_of(mapping: Mapping[str, Any]) -> list[str]:
    """The patterns of a mapping."""
    filters = (mapping.get("FilterCriteria") or {}).get("Filters") or []
    return [each["Pattern"] for each in filters if each.get("Pattern")]


def _readable(record: Record, pattern: Mapping[str, Any]) -> Record:
    """A message's body is read as JSON where the pattern asks for its members, and as text elsewhere."""
    if "body" not in record or not isinstance(pattern.get("body"), dict):
        return record
    try:
        return {**record, "body": json.loads(record["body"])}
    except ValueError:
        return {key: value for key, value in record.items() if key != "body"}
