"""What all tests share: which of them are off unless asked for."""

import os
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--proof` runs the slow proofs in full instead of in their short form."""
    parser.addoption("--proof", action="store_true", help="run the slow proofs in full")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share something are run by one worker; those that need an AWS account are off by default."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_shared(item)))
    if os.environ.get("SLUICEWAY_AWS_TESTS") == "1":
        return
    skip = pytest.mark.skip(reason="needs an AWS account; set SLUICEWAY_AWS_TESTS=1")
    for item in items:
        if item.get_closest_marker("aws"):
            item.add_marker(skip)


def _shared(item: pytest.Item) -> str:
    """What a test shares with others: a folder's fixtures, a cloud, or the stage that is deployed in it."""
    folder = "-".join(item.path.parent.relative_to(Path(__file__).parent).parts[:2])
    return "stage" if folder == "embedded" and "stage" in item.fixturenames else folder  # type: ignore[attr-defined]
