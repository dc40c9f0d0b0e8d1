"""Batch without processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.batch import BatchService


@pytest.fixture
def queued(tmp_path: Path) -> Iterator[BatchService]:
    service = BatchService(tmp_path)
    yield service
    service.close()
