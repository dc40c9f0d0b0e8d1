"""A dataset with a manifest settles when all that it states is true, and never before."""

import hashlib
import json
from typing import Any

import pytest

from sluiceway.contract import Contract
from sluiceway.datasets.upload_manifest import read_upload_manifest
from sluiceway.errors import InvalidDataset
from sluiceway.gateways.records import EventRecord
from sluiceway.triggers.contracts import DatasetIncomplete, DatasetVersioned, RunFinished
from tests.corpus.bounds import bounded
from tests.fakes.objects import START
from tests.fakes.samples import AT
from tests.fakes.world import World

ROWS = hashlib.sha256(b"rows").hexdigest()


@pytest.fixture
def world() -> World:
    """Two projects wait for the dataset. S3's clock and ours agree."""
    assert START.isoformat() == AT.replace(".000Z", "+00:00")
    world = World()
    world.ledger.subscribe("flight-delay", ["flights"])
    world.ledger.subscribe("other", ["flights"])
    return world


def push_manifest(world: World, **stated: Any) -> None:
    """Upload a manifest."""
    world.collect(world.push_data(json.dumps(stated).encode(), "_MANIFEST.json"))


def push(world: World, *paths: str, body: bytes = b"rows") -> None:
    """Upload objects."""
    for path in paths:
        world.collect(world.push_data(body, path))


def timer(world: World) -> Contract:
    """The timer's newest message."""
    return [message for message, _ in world.queue.sent if not message.at_once][-1]  # type: ignore[attr-defined]


def deliver(world: World, *, after: float) -> str:
    """Deliver it."""
    return world.settle(timer(world), after=after).outcome


STATEMENTS: list[dict[str, Any]] = [
    {"count": 2},
    {"bytes": 8},
    {"files": [{"path": "a"}, {"path": "b"}]},
    {"files": [{"path": "b", "size": 4}]},
    {"count": 2, "files": [{"path": "b", "sha256": ROWS.upper()}]},
]


@pytest.mark.parametrize("stated", STATEMENTS)
def test_nothing_starts_before_all_is_there(world: World, stated: dict[str, Any]) -> None:
    """However long nothing comes; the late part settles the dataset, and nobody was told of anything."""
    push(world, "a")
    push_manifest(world, **stated)
    assert {deliver(world, after=60) for _ in range(3)} == {"waiting"}
    push(world, "b")
    assert deliver(world, after=60) == "versioned"
    (event,) = world.events.published
    assert isinstance(event, DatasetVersioned)
    assert (event.objects, world.ledger.runs()) == (2, [])


def test_a_manifest_that_comes_last_settles_at_once(world: World) -> None:
    """It needs no settle time: it says that all is there."""
    push(world, "a", "b")
    push_manifest(world, count=2)
    assert world.queue.sent[-1][1] == 0
    assert world.settle(world.queue.sent[-1][0]).outcome == "versioned"
    pointer = world.ledger.dataset_pointer("flights")
    assert pointer is not None
    assert (pointer.objects, pointer.statement) == (2, "v3")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"count": 3}, "there are 1 objects, 3 are stated"),
    ({"bytes": 5}, "there are 4 bytes, 5 are stated"),
    ({"files": [{"path": "x"}, {"path": "y"}]}, "'x' is missing, 'y' is missing"),
    ({"files": [{"path": "a", "size": 5}]}, "'a' has 4 bytes, 5 are stated"),
    ({"files": [{"path": "a", "sha256": "0" * 64}]}, f"'a' has SHA-256 {ROWS}"),
]


@pytest.mark.parametrize(("stated", "reason"), WRONG)
def test_what_lacks_after_the_deadline_is_told_once(
    world: World, stated: dict[str, Any], reason: str
) -> None:
    """Each project sees one failed run with the names, the bus an event, the ledger the outcome."""
    push(world, "a")
    push_manifest(world, deadline="2m", **stated)
    while (record := world.settle(timer(world), after=30)).outcome == "waiting":
        assert world.ledger.runs() == []
        assert world.now() < "2026-11-21T12:04"
    assert record.outcome == "incomplete"
    assert reason in record.reason
    push(world, "late")
    world.settle_all()
    runs = world.ledger.runs()
    assert {(run.project, run.status) for run in runs} == {("flight-delay", "FAILED"), ("other", "FAILED")}
    assert all(reason in run.reason and world.ledger.event(run.event_id) for run in runs)
    told = [type(event) for event in world.events.published]
    assert sorted(kind.__name__ for kind in told) == ["DatasetIncomplete", "RunFinished", "RunFinished"]


def test_a_complete_upload_after_the_deadline_is_a_version(world: World) -> None:
    """Late is better than never."""
    push(world, "a")
    push_manifest(world, count=2, deadline=60)
    while deliver(world, after=60) != "incomplete":
        assert world.now() < "2026-11-21T12:10"
    push(world, "b")
    assert "versioned" in world.settle_all()
    assert isinstance(world.events.published[0], RunFinished)
    assert isinstance(world.events.published[-1], DatasetVersioned)


def test_success_does_not_outdo_a_manifest(world: World) -> None:
    """Both are there: what the manifest states is waited for."""
    push_manifest(world, count=2)
    push(world, "a", "_SUCCESS")
    assert world.settle(world.queue.sent[-1][0]).outcome == "waiting"
    assert world.ledger.dataset_pointer("flights") is None


def test_a_deadline_is_kept_while_uploads_come(world: World) -> None:
    """A day's uploads do not move it, nor does a restart of the wait."""
    push_manifest(world, count=100, deadline="2h")
    seen = set()
    for number in range(60):
        push(world, f"{number}")
        seen.add(deliver(world, after=180))
        if "incomplete" in seen:
            break
    assert 2 * 60 / 3 - 2 <= number <= 2 * 60 / 3 + 1


def test_without_the_manifest_a_dataset_settles_again(world: World) -> None:
    """Deleting it takes its statements away."""
    push_manifest(world, count=2)
    push(world, "a")
    deliver(world, after=60)
    world.collect(world.delete("data/flights/_MANIFEST.json"))
    assert "versioned" in world.settle_all()


def test_a_fulfilled_manifest_that_outlives_its_data_fails_nobody(world: World) -> None:
    """Everything was deleted: that is recorded, as it is without a manifest."""
    push(world, "a")
    push_manifest(world, count=1)
    world.settle_all()
    world.collect(world.delete("data/flights/a"))
    assert world.settle_all()[-1] == "ignored"
    assert world.ledger.runs() == []


BROKEN: dict[str, tuple[bytes, str]] = {
    "not JSON": (b"\x00\xff", "is not a manifest"),
    "empty": (b"", "is not a manifest"),
    "a list": (b"[]", "it is no JSON object"),
    "deeply nested": (b'{"files": ' + b"[" * 100_000, "recursion limit"),
    "states nothing": (b"{}", "it states nothing"),
    "unknown field": (b'{"count": 1, "sha": 2}', "sha: Extra inputs"),
    "count too small": (
        b'{"count": 1, "files": [{"path": "a"}, {"path": "b"}]}',
        "count is 1, but files names 2",
    ),
    "bytes too small": (b'{"bytes": 1, "files": [{"path": "a", "size": 2}]}', "add up to 2"),
    "a name twice": (b'{"files": [{"path": "a"}, {"path": "a"}]}', "named twice"),
    "outside": (b'{"files": [{"path": "../b/a"}]}', "files.0.path"),
    "absolute": (b'{"files": [{"path": "/etc/passwd"}]}', "files.0.path"),
    "a marker": (b'{"files": [{"path": "_SUCCESS"}]}', "'_SUCCESS' is a marker"),
    "negative": (b'{"count": -1}', "count: "),
    "no number": (b'{"count": NaN}', "count: "),
    "huge": (b'{"count": 1' + b"0" * 5000 + b"}", "number out of range"),
    "no hash": (b'{"files": [{"path": "a", "sha256": "md5"}]}', "files.0.sha256: must be 64 hexadecimal"),
    "in UTF-16": ('{"count": 1}'.encode("utf-16"), "it is no JSON in UTF-8"),
    "a second": (b'{"count": 1, "deadline": "30s"}', "deadline: "),
    "a month": (b'{"count": 1, "deadline": "30d"}', "deadline: "),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_manifest_is_refused_with_a_reason(world: World, kind: str) -> None:
    """Once: a failed run for each project; a right one mends it."""
    body, reason = BROKEN[kind]
    push(world, "a")
    world.collect(world.push_data(body or b" ", "_MANIFEST.json"))
    assert set(world.settle_all()) == {"refused"}
    assert len(world.ledger.runs()) == 2
    assert reason in world.ledger.runs()[0].reason
    push_manifest(world, count=1)
    assert "versioned" in world.settle_all()


def test_a_manifest_that_is_too_large_is_not_read(world: World) -> None:
    """Its size is known before."""
    push(world, "a")
    world.collect(world.push_data(b" " * (16 * 1024 * 1024 + 1), "_MANIFEST.json"))
    assert set(world.settle_all()) == {"refused"}
    assert "the limit is 16777216" in world.ledger.runs()[0].reason


SMALL_MISTAKES = {
    "files that are none": (b'{"files": [' + b"0," * 2_000_000 + b"0]}", "the limit is 50000"),
    "empty files": (b'{"files": [' + b"{}," * 49_999 + b"{}]}", "files.0.path: Field required"),
    "unknown fields": (
        b"{" + b",".join(b'"%d":0' % number for number in range(400_000)) + b"}",
        "'0' is not known here: there are count",
    ),
    "unknown fields of a file": (
        b'{"files": [{' + b",".join(b'"%d":0' % number for number in range(400_000)) + b"}]}",
        "files.0: '0' is not known here: there are path",
    ),
}


@pytest.mark.parametrize("kind", SMALL_MISTAKES)
def test_millions_of_small_mistakes_take_no_more_memory_than_one(kind: str) -> None:
    """Each would be kept with its place and value: 16 MiB became 6 GiB, and the function's end."""
    body, reason = SMALL_MISTAKES[kind]
    with bounded(seconds=20, mebibytes=512), pytest.raises(InvalidDataset, match=reason):
        read_upload_manifest("flights", body)


def test_a_byte_order_mark_is_no_mistake() -> None:
    """Windows' own tools write one."""
    assert read_upload_manifest("flights", b'\xef\xbb\xbf{"count": 3}').count == 3
    with pytest.raises(InvalidDataset, match=r"data/flights/_MANIFEST\.json is not a manifest"):
        read_upload_manifest("flights", b"{'count': 3}")


def test_the_event_names_how_much_lacks(world: World) -> None:
    """For whoever listens on the bus."""
    push_manifest(world, deadline=60, files=[{"path": f"{number:03d}"} for number in range(100)])
    record: EventRecord | None = None
    while record is None or record.outcome == "waiting":
        record = world.settle(timer(world))
    (told,) = [event for event in world.events.published if isinstance(event, DatasetIncomplete)]
    assert told.missing == 100
    assert "'019' is missing and 80 more" in told.reason
