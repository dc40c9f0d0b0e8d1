"""What the documentation names exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_PAGE = ROOT / "docs" / "embedded.md"
_NAMED = re.compile(r"\b(?:unit|embedded|infrastructure)/[\w/]+(?:\.py|/)(?:::\w+)?")


def _claims() -> list[str]:
    """The tests that rows of the page's tables name: `embedded/test_x.py::test_y`, or a folder."""
    rows = [line for line in _PAGE.read_text().splitlines() if line.startswith("|")]
    return sorted(
        {found for row in rows for found in _NAMED.findall(row.rpartition("|")[0].rpartition("|")[2])}
    )


@pytest.mark.parametrize("claim", _claims())
def test_a_test_that_a_row_names_exists(claim: str) -> None:
    """A row that claims to be held by a test is held by one that is there."""
    path, _, name = claim.partition("::")
    found = ROOT / "tests" / path
    assert found.exists()
    assert not name or f"def {name}(" in found.read_text()


def test_rows_name_tests() -> None:
    """The page has its rows, and the pattern finds what they name."""
    assert len(_claims()) > 40
