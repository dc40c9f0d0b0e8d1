"""One HTTP request as the server's dispatch sees it, and what else of it is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True)
class HttpCall:
    """A request for an API; header names are in lower case, the query as `parse_qs` gives it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_form(self) -> bool:
        """Whether the body is a form: the Query protocol."""
        return self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")

    @cached_property
    def form(self) -> dict[str, str]:
        """The parameters of the Query protocol, from the body and the query string."""
        sent = parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True) if self.is_form else {}
        return {key: _first(value) for key, value in {**sent, **self.query}.items()}


def _first(value: Any) -> str:
    return str(value[0] if isinstance(value, list) else value)
