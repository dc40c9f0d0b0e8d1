"""Names that come from GitHub: checked here, then only shown, compared, and quoted into paths of its API.

Sources: `git check-ref-format` for refs; GitHub's own limits for owners (39 characters, more where users are
managed) and repositories (100).
"""

import hashlib
import json
import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from sluiceway.names import InvalidName

HEADS, TAGS = "refs/heads/", "refs/tags/"
MAX_REF = 1024
NO_COMMIT = "0" * 40
"""What GitHub tells as the commit of a ref that is not there."""
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}/[A-Za-z0-9_.-]{1,100}")
_REF_FORBIDS = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[/.-]|/\.|\.lock(/|$)|[/.]$|^@$")


def check_repository(value: str) -> str:
    """Return `value` when it is `owner/name` as GitHub allows it; raise `InvalidName` otherwise."""
    if not _REPOSITORY.fullmatch(value) or value.partition("/")[2] in (".", ".."):
        raise InvalidName(
            f"{value!r} is not a repository: write it as OWNER/NAME, for example octo-org/models"
        )
    return value


def check_branch(value: str) -> str:
    """Return `value` when it may be the name of a branch or a tag; raise `InvalidName` otherwise."""
    if not value or len(value) > MAX_REF or _REF_FORBIDS.search(value) or not _visible(value):
        raise InvalidName(f"{value!r} is not a name that git allows for a branch or a tag")
    return value


def event_id(happening: str, repository: str, *parts: str | int) -> str:
    """The same for every delivery of the same happening, and for no other; refs of any length are hashed."""
    digest = hashlib.sha256(json.dumps([happening, repository, *parts]).encode()).hexdigest()
    return f"github.{happening}.{repository}.{digest[:32]}"


def delivery_event_id(delivery_id: str) -> str:
    """Of one delivery, which GitHub gives the same id when it is delivered again."""
    return f"github.delivery.{delivery_id}"


def _visible(value: str) -> bool:
    return not any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for letter in value)


def _as_value_error(value: str) -> str:
    try:
        return check_repository(value)
    except InvalidName as error:
        raise ValueError(str(error)) from None


Repository = Annotated[str, StringConstraints(max_length=201), AfterValidator(_as_value_error)]
"""`owner/name`"""
Sha = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")]
"""A commit, by git's SHA-1 or SHA-256."""
DeliveryId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")]
"""GitHub's GUID of a delivery (`X-GitHub-Delivery`)."""
