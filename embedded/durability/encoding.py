"""Values and keys as text: MiniStack's own JSON, with large bytes in files of their own."""

import ast
import json
from typing import Any

from embedded.durability.store import StateUnreadable


def dump(value: Any) -> str:
    """A value as MiniStack would save it."""
    from ministack.core import persistence

    return json.dumps(value, default=persistence._json_default, separators=(",", ":"))


def load(text: str, *, named: str) -> Any:
    """A saved value; raises StateUnreadable, which names it."""
    from ministack.core import persistence

    try:
        return json.loads(text, object_hook=persistence._json_object_hook)
    except (ValueError, OSError) as error:
        raise StateUnreadable(
            f"{named} was saved, but cannot be read: {error}. Bring back a snapshot with "
            "`sluice local restore NAME`, or remove the state folder and deploy anew"
        ) from error


def key_text(key: Any) -> str:
    """A key of a dictionary: text, or tuples of text."""
    return repr(key)


def key_of(text: str) -> Any:
    """The key that was written as this text."""
    return ast.literal_eval(text)
