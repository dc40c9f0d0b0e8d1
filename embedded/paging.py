"""Pages of listings, as the services' `nextToken` walks them."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from embedded.api_error import ApiError

Item = TypeVar("Item")


def page(
    items: Sequence[Item], token: str | None, size: int, *, invalid: Callable[[str], ApiError]
) -> tuple[Sequence[Item], dict[str, Any]]:
    """One page, and the members that lead to the next one."""
    if token is not None and not token.isdigit():
        raise invalid(f"nextToken {token!r} is not one that this operation has given")
    start = int(token or 0)
    more = start + size < len(items)
    return items[start : start + size], {"nextToken": str(start + size)} if more else {}
