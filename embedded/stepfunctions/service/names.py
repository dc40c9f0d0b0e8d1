"""What names, inputs and pages of listings may look like.

https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

import base64
import binascii
import json
import re
from typing import Any

from embedded.stepfunctions.documents import MOST_BYTES
from embedded.stepfunctions.service import errors

_FORBIDDEN = re.compile(r"[\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
_PAGE, _LARGEST_PAGE = 100, 1000


def check_name(name: str) -> str:
    """A name of a state machine, an execution or an activity."""
    if not name or len(name) > 80 or _FORBIDDEN.search(name):
        raise errors.invalid_name(name)
    return name


def check_json(text: str) -> str:
    """An execution's input: JSON, at most 256 KiB."""
    problem = _problem_of(text)
    if problem:
        raise errors.invalid_input(problem)
    if len(text.encode(errors="surrogatepass")) > MOST_BYTES:
        raise errors.constraint(text[:200], "input", f"have length less than or equal to {MOST_BYTES}")
    return text


def page_size(params: dict[str, Any], default: int = _PAGE) -> int:
    """`maxResults`; 0 is the default."""
    size = int(params.get("maxResults") or default)
    if size > _LARGEST_PAGE:
        raise errors.constraint(size, "maxResults", f"have value less than or equal to {_LARGEST_PAGE}")
    return size


def token_for(value: Any) -> str:
    """A `nextToken` that says where the next page begins."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def read_token(token: str | None) -> Any:
    """What a `nextToken` of ours says; None where there is none."""
    if token is None:
        return None
    try:
        return json.loads(base64.urlsafe_b64decode(token.encode()))
    except (binascii.Error, ValueError) as error:
        raise errors.invalid_token() from error


def page(items: list[Any], params: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """One page of a listing that is held in memory, and the member that leads to the next."""
    start, size = read_token(params.get("nextToken")) or 0, page_size(params)
    if not isinstance(start, int):
        raise errors.invalid_token()
    following = {"nextToken": token_for(start + size)} if start + size < len(items) else {}
    return items[start : start + size], following


def _problem_of(text: str) -> str | None:
    """What AWS says of a text that is no JSON: the words of its parser where they were recorded."""
    if not text.strip():
        return "Invalid execution input."
    try:
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        return _worded(text.strip(), error)
    return None


def _refuse(constant: str) -> None:
    raise ValueError(f"Non-standard token '{constant}'")


def _worded(text: str, error: Exception) -> str:
    word = re.match(r"[A-Za-z_]\w*", text)
    if word:
        expected = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
        return f"Unrecognized token '{word[0]}': was expecting {expected}"
    key = re.match(r"\{\s*([^\"}\s])", text)
    if key:
        found = f"Unexpected character ('{key[1]}' (code {ord(key[1])}))"
        return f"{found}: was expecting double-quote to start field name"
    return str(error)
