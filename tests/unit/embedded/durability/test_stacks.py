"""A stack whose operation a kill cut short can be deployed again."""

import pytest

from embedded.durability.stacks import fail_unfinished


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("CREATE_IN_PROGRESS", "CREATE_FAILED"),
        ("UPDATE_IN_PROGRESS", "UPDATE_FAILED"),
        ("UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED"),
        ("DELETE_IN_PROGRESS", "DELETE_FAILED"),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"),
        ("IMPORT_IN_PROGRESS", "IMPORT_ROLLBACK_FAILED"),
    ],
)
def test_what_was_under_way_has_failed(status: str, expected: str) -> None:
    """And says why."""
    stack = {"StackStatus": status}
    fail_unfinished([stack])
    assert stack["StackStatus"] == expected
    assert "cut short" in stack["StackStatusReason"]


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"])
def test_other_stacks_are_left_alone(status: str) -> None:
    """A change set that nobody has executed yet is no operation."""
    stack = {"StackStatus": status}
    fail_unfinished([stack])
    assert stack == {"StackStatus": status}
