"""The same bytes are the same version, whatever client put them there; and nothing is read twice."""

import hashlib
import json
from dataclasses import replace
from typing import Never

import pytest

from sluiceway.datasets import content
from sluiceway.datasets.content import contents
from sluiceway.datasets.manifest import data_objects
from sluiceway.errors import LostRace
from sluiceway.gateways.objects import Archived
from tests.fakes.world import World

BODY = b"0123456789" * 1000
PATH = "data/flights/a"


@pytest.fixture
def world() -> World:
    """Nothing uploaded yet."""
    return World()


def version(world: World) -> str:
    """Settle; the latest version."""
    world.collect(world.push_data(b"", "_SUCCESS"))
    world.settle_all()
    pointer = world.ledger.dataset_pointer("flights")
    assert pointer is not None
    return pointer.version


def test_part_sizes_make_no_version(world: World) -> None:
    """S3's ETag of a multipart upload is made of its parts': the bytes are hashed instead, once."""
    world.objects.put("uploads", PATH, BODY)
    versions = {version(world)}
    for part in (1000, 3000, 10_000):
        world.objects.put_in_parts("uploads", PATH, BODY, part=part)
        versions |= {version(world), version(world)}
    assert len(versions) == 1
    assert len(world.objects.read) == 3


@pytest.mark.parametrize("method", ["get", "stream"])
def test_what_lies_in_an_archive_makes_the_dataset_refused(
    world: World, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """The manifest, or an object that must be read: nobody can before it is restored."""

    def unreadable(*_: object, **__: object) -> Never:
        raise Archived("s3://uploads/x lies in an archive of S3: upload it again")

    world.objects.put_in_parts("uploads", PATH, BODY, part=1000)
    monkeypatch.setattr(world.objects, method, unreadable)
    name, body = ("_MANIFEST.json", b'{"count": 1}') if method == "get" else ("_SUCCESS", b"")
    world.collect(world.push_data(body, name))
    assert set(world.settle_all()) == {"refused"}
    assert any("lies in an archive" in (event.reason or "") for event in world.ledger.events())


def test_an_etag_under_a_kms_key_is_no_hash(world: World) -> None:
    """The bytes are read then, and are what they would be without."""
    world.objects.put("uploads", PATH, BODY)
    first = version(world)
    world.objects.under_kms.add("uploads")
    listed = world.objects.versions["uploads", PATH]
    listed[-1] = replace(listed[-1], etag="0" * 32, version_id="v-kms")
    world.objects.bodies["uploads", PATH, "v-kms"] = BODY
    assert version(world) == first
    assert world.objects.read == [(PATH, "v-kms")]


def test_what_is_too_large_to_be_read_keeps_the_etag_of_its_parts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function has no time for it: another part size is another version then, as is said."""
    monkeypatch.setattr(content, "LARGEST_READ", 100)
    world.objects.put_in_parts("uploads", PATH, BODY, part=1000)
    first = version(world)
    world.objects.put_in_parts("uploads", PATH, BODY, part=3000)
    assert version(world) != first
    assert world.objects.read == []


def test_what_was_read_in_time_is_not_read_again(world: World) -> None:
    """Out of time: the timer goes on at once with what is left."""
    for name in "ab":
        world.objects.put_in_parts("uploads", f"data/flights/{name}", BODY, part=1000)
    found = data_objects(world.objects.list_versions("uploads", "data/flights/"))
    left = iter([90.0, 0.0])
    hurried = replace(world.settling(), seconds_left=lambda: next(left))
    with pytest.raises(content.OutOfTime):
        contents("flights", found, known=None, hashed=frozenset(), on=hurried)
    contents("flights", found, known=None, hashed=frozenset(), on=world.settling())
    assert len(world.objects.read) == 2


def test_a_timer_that_runs_out_of_time_goes_on_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is recorded, nothing is lost, nobody waits."""
    world.collect(world.push_data())
    world.objects.put_in_parts("uploads", PATH, BODY, part=1000)
    plain = world.settling
    monkeypatch.setattr(world, "settling", lambda: replace(plain(), seconds_left=lambda: 0.0))
    assert world.settle(world.queue.sent[0][0]).outcome == "waiting"
    monkeypatch.undo()
    assert world.queue.sent[-1][1] == 0
    assert world.settle(world.queue.sent[-1][0]).outcome == "versioned"


def test_a_checksum_that_s3_was_given_spares_reading(world: World) -> None:
    """Of an object that was put at once; of one in parts S3 has none."""
    world.collect(world.push_data(BODY, "a"))
    key = (PATH, world.objects.versions["uploads", PATH][-1].version_id)
    world.objects.checksums[key] = hashlib.sha256(BODY).hexdigest()
    stated = {"files": [{"path": "a", "sha256": hashlib.sha256(BODY).hexdigest()}]}
    world.collect(world.push_data(json.dumps(stated).encode(), "_MANIFEST.json"))
    assert "versioned" in world.settle_all()
    assert world.objects.read == []


def test_an_object_that_goes_away_meanwhile_is_looked_at_again(world: World) -> None:
    """Its deletion is announced, too; this look tries again."""
    world.objects.put_in_parts("uploads", PATH, BODY, part=1000)
    found = data_objects(world.objects.list_versions("uploads", "data/flights/"))
    world.objects.forget("uploads", PATH)
    with pytest.raises(LostRace, match="went away"):
        contents("flights", found, known=None, hashed=frozenset(), on=world.settling())
