"""What runs follows what the records say; when it cannot, what ran before stays."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from embedded.sagemaker.records import EndpointRecord
from tests.unit.embedded.sagemaker.fakes import variant
from tests.unit.embedded.sagemaker.world import ARN, World, pending


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_healthy_fleet_puts_the_endpoint_into_service(world: World) -> None:
    """The record then says what serves, with the image's digest."""
    world.create(variant())
    assert (world.record.status, world.record.pending) == ("InService", None)
    assert world.record.variants[0].resolved_image == "image:one@sha256:0"
    assert world.statuses == ["InService"]


def test_an_endpoint_that_never_was_healthy_has_failed(world: World) -> None:
    """With the reason, and without any process."""
    world.containers.broken.add("image:one")
    world.create(variant(), variant("other", image="image:two"))
    assert (world.record.status, world.record.reason) == (
        "Failed",
        "image:one did not pass the ping health check",
    )
    assert world.containers.alive() == []


def test_an_update_ends_the_old_fleet_after_the_new_one_serves(world: World) -> None:
    """Blue/green: nothing of the old one is left."""
    world.create(variant())
    world.update(variant(image="image:two"))
    assert (world.record.status, world.record.config) == ("InService", "c2")
    wait_for(lambda: world.containers.alive() == ["image:two"])


def test_a_failed_update_leaves_the_old_fleet_in_service(world: World) -> None:
    """The endpoint is InService on its old configuration, and says why it still is."""
    world.create(variant())
    world.containers.broken.add("image:two")
    world.update(variant(image="image:two"))
    assert (world.record.status, world.record.config) == ("InService", "c1")
    assert world.record.reason == "image:two did not pass the ping health check"
    assert world.containers.alive() == ["image:one"]


def test_capacity_follows_and_falls_back(world: World) -> None:
    """More instances are started, fewer ended; when one cannot be started, the endpoint rolls back."""
    world.create(variant())
    more = variant(instances=2, weight=3.0)
    world.resize(more)
    assert len(world.containers.alive()) == 2
    world.resize(variant())
    assert len(world.containers.alive()) == 1
    world.containers.broken.add("image:one")
    world.resize(more)
    assert world.statuses[-3:] == ["Updating", "RollingBack", "InService"]
    assert world.record.variants[0].instances == 1


def test_an_instance_that_ends_is_replaced(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as its fleet serves."""
    monkeypatch.setattr("embedded.sagemaker.upkeep._RESTART_SECONDS", 0.01)
    world.create(variant())
    world.containers.started[0].ended.set()
    wait_for(lambda: len(world.containers.alive()) == 1)
    wait_for(lambda: len(world.deployments.traffic("one").fleet.instances["main"]) == 1)


def test_a_deleted_endpoint_leaves_nothing(world: World) -> None:
    """Neither process nor record."""
    world.create(variant())
    world.deployments.delete("one").join()
    assert (world.table.get("one"), world.containers.alive()) == (None, [])


@pytest.mark.parametrize(("status", "serves"), [("InService", "image:one"), ("Updating", "image:two")])
def test_a_restart_resumes_what_was_recorded(world: World, status: str, serves: str) -> None:
    """What served serves again; a deployment that was cut short is done after that."""
    world.create(variant())
    unfinished: Any = pending("c2", variant(image="image:two")) if status == "Updating" else None
    world.deployments.change("one", status=status, pending=unfinished)
    world.restart()
    world.deployments.resume("one").join()
    assert world.record.status == "InService"
    wait_for(lambda: world.containers.alive() == [serves])


def test_a_stop_of_the_server_is_no_failure(world: World) -> None:
    """Containers end with the server; the record stays as it was, for the next one."""
    world.containers.hold.clear()
    world.containers.broken.add("image:one")
    record = EndpointRecord(
        name="one", arn=ARN, created=0, modified=0, config="c1", status="Creating", variants=()
    )
    world.table.add(record.model_copy(update={"pending": pending("c1", variant())}))
    thread = world.deployments.deploy("one")
    world.deployments.close()
    world.containers.hold.set()
    thread.join()
    assert world.record.status == "Creating"
