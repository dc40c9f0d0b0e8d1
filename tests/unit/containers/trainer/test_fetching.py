"""A step gets the very bytes that its run was planned with, or says clearly why it cannot."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from containers.trainer.fetching import Fetcher
from sluiceway.datasets.manifest import make_manifest
from sluiceway.errors import InvalidDataset
from tests.fakes.objects import MemoryObjects


def test_what_was_deleted_for_good_fails_with_a_reason(tmp_path: Path) -> None:
    """Not as a missing permission: it names the version, the object, and what to do."""
    objects = MemoryObjects()
    objects.put("uploads", "data/flights/a.csv", b"rows")
    versions = objects.list_versions("uploads", "data/flights/")
    manifest = make_manifest("flights", bucket="uploads", versions=versions)
    objects.forget("uploads", "data/flights/a.csv")
    with ThreadPoolExecutor(1) as pool:
        (transfer,) = Fetcher(objects, pool)._dataset(manifest, tmp_path)
        with pytest.raises(
            InvalidDataset, match=r"deleted 'data/flights/a.csv' .* for good; upload the data"
        ):
            transfer.result()
