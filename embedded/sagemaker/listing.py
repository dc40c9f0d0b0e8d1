"""ListModels, ListEndpointConfigs and ListEndpoints: filters, order and pages are the same for all three."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from embedded.paging import page
from embedded.sagemaker.records import Record
from embedded.sagemaker.refusals import invalid

_PAGE = 10

R = TypeVar("R", bound=Record)
Sort = Callable[[Any], Any]

_SORTS: Mapping[str, Sort] = {
    "Name": lambda record: record.name,
    "CreationTime": lambda record: record.created,
    "Status": lambda record: record.status,
}


def select(records: Sequence[R], params: Mapping[str, Any]) -> tuple[Sequence[R], str | None]:
    """The records of one page, newest first unless asked otherwise, and the token of the next."""
    found = sorted(
        (record for record in records if _matches(record, params)),
        key=_SORTS[params.get("SortBy", "CreationTime")],
        reverse=params.get("SortOrder", "Descending") == "Descending",
    )
    size = params.get("MaxResults", _PAGE)
    items, token = page(found, params.get("NextToken"), size, invalid=invalid)
    return items, token.get("nextToken")


def _matches(record: Any, params: Mapping[str, Any]) -> bool:
    return all(check(record, params[key]) for key, check in _CHECKS.items() if key in params)


def _before(record: Any, moment: datetime, member: str) -> bool:
    return bool(getattr(record, member) < moment.timestamp())


_CHECKS: Mapping[str, Callable[[Any, Any], bool]] = {
    "NameContains": lambda record, text: text.lower() in record.name.lower(),
    "StatusEquals": lambda record, status: record.status == status,
    "CreationTimeBefore": lambda record, moment: _before(record, moment, "created"),
    "CreationTimeAfter": lambda record, moment: not _before(record, moment, "created"),
    "LastModifiedTimeBefore": lambda record, moment: _before(record, moment, "modified"),
    "LastModifiedTimeAfter": lambda record, moment: not _before(record, moment, "modified"),
}
