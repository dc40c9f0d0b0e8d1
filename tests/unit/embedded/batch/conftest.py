"""Batch without processes, and Batch with them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded.images.build import build
from embedded.images.plan import make_plan
from embedded.images.registry import parse_reference, push
from embedded.images.resolve import image_store
from tests.fakes.batch import BatchService
from tests.fakes.embedded_cloud import HOST, FakeCloud
from tests.unit.embedded.batch.processes import TEXT, Service


@pytest.fixture
def queued(tmp_path: Path) -> Iterator[BatchService]:
    service = BatchService(tmp_path)
    yield service
    service.close()


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> FakeCloud:
    cloud = FakeCloud(tmp_path_factory.mktemp("cloud"))
    image = build(make_plan(TEXT, {}), cloud.state_dir, image_store(cloud.state_dir), say=lambda _: None)
    push(cloud.ecr, image, parse_reference(f"{HOST}/env:1"))
    return cloud


@pytest.fixture
def service(cloud: FakeCloud, tmp_path: Path) -> Iterator[Service]:
    shared = cloud.state_dir
    (tmp_path / "images").symlink_to(shared / "images")
    cloud.state_dir = tmp_path
    cloud.denied.clear()
    service = Service(cloud)
    service.prepare()
    yield service
    service.batch.scheduler.close()
    cloud.state_dir = shared
