"""A dataset settles once nothing is uploaded any more; its version is its content."""

from itertools import permutations

import pytest

from sluiceway.datasets.contracts import Manifest, SettleDatasetInput
from sluiceway.errors import ServiceUnavailable
from sluiceway.gateways.ledger import DatasetPointer
from sluiceway.triggers.contracts import DatasetVersioned, RunFinished
from tests.fakes.world import World


@pytest.fixture
def world() -> World:
    """Nothing uploaded yet."""
    return World()


def settled(world: World, *paths: str, body: bytes = b"rows") -> list[str]:
    """Upload and collect objects, then deliver all messages; the outcomes."""
    for path in paths:
        world.collect(world.push_data(body, path))
    return world.settle_all()


def latest(world: World) -> DatasetPointer:
    """The dataset's latest version."""
    pointer = world.ledger.dataset_pointer("flights")
    assert pointer is not None
    return pointer


def manifest(world: World) -> Manifest:
    """The manifest of the latest version."""
    _, _, rest = latest(world).uri.partition("s3://artifacts/")
    return Manifest.model_validate_json(world.objects.get("artifacts", rest))


def test_many_uploads_settle_as_one_version(world: World) -> None:
    """One timer, one version, of all objects there are then."""
    assert settled(world, "c.parquet", "a.parquet", "b.parquet") == ["versioned"]
    (event,) = world.events.published
    assert isinstance(event, DatasetVersioned)
    assert (event.objects, event.bytes) == (3, 12)
    assert [found.key for found in manifest(world).objects] == [f"data/flights/{n}.parquet" for n in "abc"]
    assert all(found.version_id and found.checksum.startswith("etag:") for found in manifest(world).objects)


def test_the_version_is_the_content_and_not_its_history(world: World) -> None:
    """The same bytes uploaded again, or beside a deleted object, are the same version: `unchanged`."""
    settled(world, "a.parquet")
    first = latest(world)
    world.objects.put("uploads", "data/flights/gone.parquet", b"x")
    world.objects.delete("uploads", "data/flights/gone.parquet")
    assert settled(world, "a.parquet") == ["unchanged"]
    assert latest(world).version == first.version
    assert settled(world, "a.parquet", body=b"other rows") == ["versioned"]
    assert latest(world).version != first.version


def test_the_same_bytes_again_are_told_once_more(world: World) -> None:
    """Whoever uploads them after a failure wants another try; a look at what was seen tells nobody."""
    settled(world, "a.parquet")
    assert settled(world, "a.parquet", "_SUCCESS") == ["unchanged", "unchanged"]
    first, second = world.events.published
    assert isinstance(first, DatasetVersioned)
    assert isinstance(second, DatasetVersioned)
    assert first.event_id != second.event_id == latest(world).event_id
    assert first.dataset_version == second.dataset_version


def test_markers_are_no_data(world: World) -> None:
    """`_SUCCESS` and the console's folders are not part of a version."""
    settled(world, "a.parquet", "sub/", "_SUCCESS")
    assert [found.key for found in manifest(world).objects] == ["data/flights/a.parquet"]


def test_success_settles_at_once_and_the_rest_changes_nothing(world: World) -> None:
    """The message of `_SUCCESS` waits for nothing; the timer that comes later finds nothing new."""
    for path in ("a.parquet", "_SUCCESS"):
        world.collect(world.push_data(path=path))
    timer, at_once = (message for message, _ in world.queue.sent)
    assert [world.settle(message).outcome for message in (at_once, timer)] == ["versioned", "unchanged"]
    assert len(world.events.published) == 1


@pytest.mark.parametrize(
    ("body", "path", "reason"),
    [(b"", "a.parquet", "empty objects: 'data/flights/a.parquet'"), (b"", "_SUCCESS", "no objects")],
)
def test_data_that_cannot_be_used_are_told_to_every_project(
    world: World, body: bytes, path: str, reason: str
) -> None:
    """Who subscribed sees one failed run with the reason, whoever looks how often; the latest stays."""
    world.ledger.subscribe("flight-delay", ["flights"])
    world.ledger.subscribe("other", ["flights"])
    assert set(settled(world, path, body=body)) == {"refused"}
    runs = world.ledger.runs()
    assert {(run.project, run.status) for run in runs} == {("flight-delay", "FAILED"), ("other", "FAILED")}
    assert all(reason in run.reason for run in runs)
    assert all(world.ledger.event(run.event_id) for run in runs)
    assert [type(event) for event in world.events.published] == [RunFinished, RunFinished]
    assert world.ledger.dataset_pointer("flights") is None


@pytest.mark.parametrize("paths", [("../a",), ("a//b",), ("a", "a/b"), ("a\\b",), ("é" * 128,), ("a\0b",)])
def test_objects_that_cannot_be_files_of_a_folder_are_refused(world: World, paths: tuple[str, ...]) -> None:
    """S3 takes every text as a key; a step would fail on it, or write elsewhere."""
    world.ledger.subscribe("flight-delay", ["flights"])
    assert "refused" in settled(world, *paths)
    assert "cannot be files of one folder" in world.ledger.runs()[0].reason
    assert world.ledger.dataset_pointer("flights") is None


def test_names_that_files_can_have_are_taken(world: World) -> None:
    """As they are: nothing is decoded, nothing replaced."""
    paths = ("100%41 a+b.csv", "é/日本.csv", "a\nb.csv")
    assert settled(world, *paths) == ["versioned"]
    assert {each.key for each in manifest(world).objects} == {f"data/flights/{path}" for path in paths}


def test_what_was_begun_to_be_told_is_told_to_the_end_whatever_came_since(world: World) -> None:
    """Its worker died between the failed run and the event of its end; then the data were mended."""
    world.ledger.subscribe("flight-delay", ["flights"])
    world.collect(world.push_data(b"", "a.parquet"))
    message = world.queue.sent[0][0]
    world.events.refuse = 1
    with pytest.raises(ServiceUnavailable):
        world.settle(message)
    world.push_data(b"rows", "a.parquet")
    assert world.settle(message).outcome == "refused"
    (run,) = world.ledger.runs()
    (told,) = world.events.published
    assert isinstance(told, RunFinished)
    assert told.run_id == run.run_id


def test_a_message_delivered_again_does_nothing(world: World) -> None:
    """SQS delivers at least once."""
    settled(world, "a.parquet")
    message = world.queue.sent[0][0]
    assert [world.settle(message).outcome for _ in range(4)] == ["versioned"] * 4
    assert len(world.events.published) == len(world.queue.sent) == 1


def test_a_version_that_could_not_be_told_is_told_later(world: World) -> None:
    """The bus failed after the pointer had moved: by the next delivery, under the same event id."""
    world.collect(world.push_data())
    world.events.refuse = 1
    with pytest.raises(ServiceUnavailable):
        world.settle_all()
    assert world.settle(world.queue.sent[0][0]).outcome == "versioned"
    (event,) = world.events.published
    assert isinstance(event, DatasetVersioned)
    assert event.event_id == latest(world).event_id


def test_a_version_whose_maker_died_is_told_by_the_next(world: World) -> None:
    """It comes again late; meanwhile another look finds the version in place and untold."""
    world.collect(world.push_data())
    world.events.refuse = 1
    with pytest.raises(ServiceUnavailable):
        world.settle_all()
    maker = latest(world).event_id
    other = SettleDatasetInput(dataset="flights", token="another", at_once=True)
    assert world.settle(other).outcome == "unchanged"
    (event,) = world.events.published
    assert isinstance(event, DatasetVersioned)
    assert event.event_id == latest(world).event_id == maker


def test_what_is_deleted_makes_a_version(world: World) -> None:
    """And so does a rename: what is left is what is trained on."""
    settled(world, "a.parquet", "b.parquet")
    world.collect(world.delete("data/flights/b.parquet"))
    assert world.settle_all() == ["versioned"]
    assert [each.key for each in manifest(world).objects] == ["data/flights/a.parquet"]
    assert (latest(world).added, latest(world).removed) == (0, 1)


def test_a_dataset_without_objects_is_recorded_and_fails_nobody(world: World) -> None:
    """Its latest version stays; the same data again are the same version."""
    world.ledger.subscribe("flight-delay", ["flights"])
    settled(world, "a.parquet")
    version = latest(world).version
    world.collect(world.delete("data/flights/a.parquet"))
    assert world.settle_all() == ["ignored"]
    assert (latest(world).version, world.ledger.runs()) == (version, [])
    assert settled(world, "a.parquet") == ["unchanged"]


def test_going_back_is_an_entry_of_its_own(world: World) -> None:
    """A, B and A again: three entries in the log, two versions, three events."""
    for body in (b"a", b"b", b"a"):
        settled(world, "a.parquet", body=body)
    log = world.ledger.dataset_log("flights")
    assert len(log) == 3
    assert log[0].version == log[2].version != log[1].version
    assert [each.previous for each in log] == [log[1].version, log[2].version, None]
    assert len({event.event_id for event in world.events.published}) == 3  # type: ignore[attr-defined]


@pytest.mark.parametrize("arrival", list(permutations(range(3))))
def test_listings_that_arrive_late_never_move_latest_back(arrival: tuple[int, ...]) -> None:
    """Each settling lists what it sees; the listing that began last wins, whoever writes last."""
    source, target = World(), World()
    pointers = []
    for body in (b"1", b"2", b"3"):
        settled(source, "a.parquet", body=body)
        pointers.append(latest(source))
    for position in arrival:
        target.ledger.move_dataset_pointer(pointers[position])
    assert latest(target).version == pointers[-1].version
