"""Stacks whose operation a kill cut short are failed, so that they can be deployed again or deleted.

MiniStack would leave them in progress for ever, and refuse every further operation. On AWS the operation goes
on; here what it had yet to do is not known, so it is not claimed to be done or rolled back.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
"""

from collections.abc import Iterable, MutableMapping
from typing import Any

_REASON = "The operation was cut short: the embedded cloud was stopped"
_UNDER_WAY = "_IN_PROGRESS"
_KEPT = frozenset({"REVIEW_IN_PROGRESS"})
# All that is left to do is to remove what the update replaced.
_DONE = {"UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": "UPDATE_COMPLETE"}
_IMPORTS = {"IMPORT_IN_PROGRESS": "IMPORT_ROLLBACK_FAILED"}


def settle() -> None:
    """Fail what MiniStack has just loaded as under way."""
    from ministack.services import cloudformation

    fail_unfinished(cloudformation._stacks._data.values())


def fail_unfinished(stacks: Iterable[MutableMapping[str, Any]]) -> None:
    """Give each stack that is in progress the status in which such an operation fails."""
    for stack in list(stacks):
        status = str(stack.get("StackStatus", ""))
        if status.endswith(_UNDER_WAY) and status not in _KEPT:
            failed = f"{status.removesuffix(_UNDER_WAY)}_FAILED"
            stack["StackStatus"] = _DONE.get(status) or _IMPORTS.get(status) or failed
            stack["StackStatusReason"] = _REASON
