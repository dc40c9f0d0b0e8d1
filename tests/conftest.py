"""What all tests share: which of them are off unless asked for."""

import os

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--proof` runs the slow proofs in full instead of in their short form."""
    parser.addoption("--proof", action="store_true", help="run the slow proofs in full")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that need an AWS account are off by default."""
    if os.environ.get("SLUICEWAY_AWS_TESTS") == "1":
        return
    skip = pytest.mark.skip(reason="needs an AWS account; set SLUICEWAY_AWS_TESTS=1")
    for item in items:
        if item.get_closest_marker("aws"):
            item.add_marker(skip)
