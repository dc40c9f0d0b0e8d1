"""What all tests share: which of them are off unless asked for."""

import os

import pytest
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--proof` runs the slow proofs in full instead of in their short form."""
    parser.addoption("--proof", action="store_true", help="run the slow proofs in full")


class OneWorkerPerFolder(LoadScopeScheduling):  # type: ignore[misc]
    """Tests of a folder share what is dear: a cloud, the stage that is deployed in it, templates."""

    def _split_scope(self, nodeid: str) -> str:
        """`tests/unit/github` for all below it: half of the tests in one piece would keep one worker busy."""
        return "/".join(nodeid.partition("::")[0].split("/")[:-1][:3])


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """For `pytest --numprocesses`, whatever `--dist` says."""
    return OneWorkerPerFolder(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that need an AWS account are off by default."""
    if os.environ.get("SLUICEWAY_AWS_TESTS") == "1":
        return
    skip = pytest.mark.skip(reason="needs an AWS account; set SLUICEWAY_AWS_TESTS=1")
    for item in items:
        if item.get_closest_marker("aws"):
            item.add_marker(skip)
