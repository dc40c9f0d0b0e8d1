"""What is uploaded is taken in once, or refused with a reason; nothing is overlooked."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from sluiceway.datasets.contracts import SettleDatasetInput
from sluiceway.errors import ServiceUnavailable
from sluiceway.projects.archive import open_archive
from sluiceway.projects.code_version import code_version
from sluiceway.triggers.collect_uploads import collect_message
from sluiceway.triggers.contracts import CodePushed, RunFinished
from sluiceway.triggers.uploads import Upload
from tests.fakes.samples import SLUICE_YAML, project_files, zipped
from tests.fakes.world import World

EVENT = (Path(__file__).parents[2] / "events/s3_object_created.json").read_text()


@pytest.fixture
def world() -> World:
    """Nothing uploaded yet."""
    return World()


def test_an_event_of_s3_is_read_as_eventbridge_sends_it() -> None:
    """The key comes as it is, with its plus and space; unknown fields don't matter."""
    upload = Upload.from_event(EVENT)
    assert upload.key == "data/flights/year 2013+jan.parquet"
    assert upload.version_id == "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e"
    assert upload.order == "2021-11-12T00:00:00.000Z#617F08299329D1890000000000000000"
    assert Upload.from_event(EVENT) == upload
    assert Upload.from_event(EVENT.replace("d189", "d18a")).event_id != upload.event_id


def test_a_longer_sequencer_sorts_by_its_digits() -> None:
    """S3 documents: pad the shorter on the right with zeros, then compare as text."""
    events = [
        EVENT.replace("617f08299329d189", hexadecimal) for hexadecimal in ("0055AED6DCD90281E5", "0056")
    ]
    orders = [Upload.from_event(event).order for event in events]
    assert orders == sorted(orders)


def test_uploads_without_a_sequencer_are_told_apart() -> None:
    """By version and time; what is delivered again is the same event still."""
    first = EVENT.replace('"sequencer"', '"unused"')
    bodies = [first, first.replace("IYV3p45", "another"), first.replace("00:00:00Z", "00:00:07Z")]
    assert len({Upload.from_event(body).event_id for body in bodies}) == 3
    assert Upload.from_event(first) == Upload.from_event(first)


@pytest.mark.parametrize(
    "key",
    ["code/", "data/", "code/flight-delay/", "data/flights/", "data/My Data/", "x/", "data/flights_$folder$"],
)
def test_an_empty_folder_is_nothing_to_be_refused(world: World, key: str) -> None:
    """The console and EMR make them wherever somebody goes; no run fails, no timer starts."""
    assert world.collect(world.upload(key, b"")).outcome == "ignored"
    assert (world.ledger.runs(), world.queue.sent) == ([], [])
    assert world.collect(world.delete(key)).outcome == "ignored"


def test_code_is_stored_under_its_version_and_told(world: World) -> None:
    """Archive, pointer and subscription are there when `CodePushed` is published."""
    record = world.collect(world.push_code())
    (event,) = world.events.published
    assert isinstance(event, CodePushed)
    stored = open_archive(world.objects.get("artifacts", f"code/flight-delay/{event.code_version}.zip"))
    assert code_version(stored) == event.code_version
    pointer = world.ledger.code_pointer("flight-delay")
    assert pointer is not None
    assert (pointer.code_version, pointer.uri, pointer.datasets) == (
        event.code_version,
        event.uri,
        ("flights",),
    )
    assert world.ledger.subscribers("flights") == ["flight-delay"]
    assert record.outcome == "accepted"


def test_an_upload_delivered_again_does_nothing(world: World) -> None:
    """S3, EventBridge and SQS all deliver at least once."""
    upload = world.push_code()
    records = [world.collect(upload) for _ in range(5)]
    assert len(world.events.published) == 1
    assert all(record == records[0] for record in records)


def test_a_late_push_never_moves_latest_back(world: World) -> None:
    """Events arrive in any order; the older push is recorded as superseded and starts nothing."""
    older, newer = world.push_code(train_py="1"), world.push_code(train_py="2")
    assert world.collect(newer).outcome == "accepted"
    assert world.collect(older).outcome == "superseded"
    pointer = world.ledger.code_pointer("flight-delay")
    assert pointer is not None
    assert pointer.event_id == newer.event_id
    assert len(world.events.published) == 1


def test_an_upload_that_could_not_be_told_is_told_when_tried_again(world: World) -> None:
    """The bus failed after the pointer had moved: the next delivery publishes."""
    upload = world.push_code()
    world.events.refuse = 1
    with pytest.raises(ServiceUnavailable):
        world.collect(upload)
    assert world.ledger.event(upload.event_id) is None
    assert world.collect(upload).outcome == "accepted"
    assert len(world.events.published) == 1


REFUSED = {
    "no zip": (b"not a zip", "code/flight-delay/a.zip", "not a whole zip archive"),
    "not named so": (b"x", "code/flight-delay/a.tar.gz", "is not a .zip archive"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_code_that_is_refused_is_a_failed_run_of_its_project(world: World, kind: str) -> None:
    """`sluice runs` shows the reason, and the bus tells it; only once."""
    body, key, reason = REFUSED[kind]
    upload = world.upload(key, body)
    record, again = world.collect(upload), world.collect(upload)
    (run,) = world.ledger.runs("flight-delay")
    assert (run.status, run.run_id) == ("FAILED", record.run_id)
    assert reason in run.reason
    assert record == again
    (told,) = world.events.published
    assert isinstance(told, RunFinished)
    assert told.reason == run.reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"MLproject": None}, "MLproject: is missing"),
        ({"sluice_yaml": SLUICE_YAML.replace("gate:", "gait:")}, "sluice.yaml:10: gait: is not known here"),
        (
            {"sluice_yaml": SLUICE_YAML.replace("flight-delay", "other")},
            "'other' was pushed as 'flight-delay'",
        ),
    ],
)
def test_a_project_that_is_refused_leaves_the_latest_code(
    world: World, changes: dict[str, str | None], reason: str
) -> None:
    """The reason names the file; the next good push works."""
    good = world.collect(world.push_code())
    bad = world.collect(world.push_code(**changes))
    assert (bad.outcome, reason in bad.reason) == ("refused", True)
    pointer = world.ledger.code_pointer("flight-delay")
    assert pointer is not None
    assert pointer.event_id == good.event_id
    assert world.collect(world.push_code(train_py="fixed")).outcome == "accepted"


@pytest.mark.parametrize(
    "key",
    [
        "flights.csv",
        "data/flights.csv",
        "code/x.zip",
        "code/Bad_Name/x.zip",
        "data/../x/y",
        "other/a/b",
        "code//x.zip",
    ],
)
def test_a_misplaced_upload_is_refused_with_a_reason(world: World, key: str) -> None:
    """It belongs to no project, so there is no run; the event says what to do."""
    record = world.collect(world.upload(key, b"x"))
    assert record.outcome == "refused"
    assert "upload" in record.reason or "is not valid" in record.reason
    assert world.ledger.runs() == []


def test_data_starts_one_timer_and_completion_needs_none(world: World) -> None:
    """The first object sends the timer, `_SUCCESS` a message that waits for nothing; folders don't count."""
    uploads = [world.push_data(path=path) for path in ("a.parquet", "b/", "b.parquet", "_SUCCESS")]
    outcomes = [world.collect(upload).outcome for upload in uploads]
    assert outcomes == ["accepted", "ignored", "accepted", "accepted"]
    (timer, delay), at_once = world.queue.sent
    assert isinstance(timer, SettleDatasetInput)
    assert (timer.dataset, timer.token.partition(".")[0], timer.at_once, delay) == (
        "flights",
        "upload-1",
        False,
        15,
    )
    assert at_once == (SettleDatasetInput(dataset="flights", token="upload-4", at_once=True), 0)


def test_a_deletion_of_data_is_collected_as_an_upload_is(world: World) -> None:
    """It starts a timer; a deleted `_SUCCESS` says nothing is complete, and deleted code changes nothing."""
    deletions = [world.delete(key) for key in ("data/flights/_SUCCESS", "code/flight-delay/a.zip", "x/y")]
    assert [world.collect(deletion).outcome for deletion in deletions] == ["accepted", "ignored", "ignored"]
    assert [message.at_once for message, _ in world.queue.sent] == [False]  # type: ignore[attr-defined]
    record = world.ledger.event(deletions[0].event_id)
    assert record is not None
    assert record.event == "ObjectDeleted"


@pytest.mark.parametrize("name", ["s3_object_deleted.json", "s3_object_expired.json"])
def test_a_deletion_is_read_as_eventbridge_sends_it(name: str) -> None:
    """By a person or by a lifecycle rule, under a marker or for good."""
    body = (Path(__file__).parents[2] / "events" / name).read_text()
    deletion = Upload.from_event(body)
    assert (deletion.deleted, deletion.event, deletion.key) == (
        True,
        "ObjectDeleted",
        "data/flights/year 2013+jan.parquet",
    )
    assert Upload.from_event(body).event_id == deletion.event_id
    assert Upload.from_event(EVENT).event_id != deletion.event_id


def test_an_upload_that_was_deleted_before_it_was_collected_is_refused(world: World) -> None:
    """For good: nobody can read it any more. The reason says so, and the message is done with."""
    upload = world.push_code()
    world.objects.forget("uploads", upload.key)
    record = world.collect(upload)
    assert record.outcome == "refused"
    assert "there is no object s3://uploads/code/flight-delay/push.zip" in record.reason
    assert [run.status for run in world.ledger.runs("flight-delay")] == ["FAILED"]


@pytest.mark.parametrize("body", ["no JSON", "[" * 100_000, '{"source": "me"}', "[1]", '"\\ud800"'])
def test_what_is_no_event_of_s3_is_recorded_and_done_with(world: World, body: str) -> None:
    """Once, whatever it is; it holds up nobody."""
    records = [collect_message(body, world.collection()) for _ in range(2)]
    assert records[0].outcome == "refused"
    assert world.ledger.event(records[0].event_id) == records[0]
    assert len(records[0].subject) <= 200


def test_what_s3_tells_and_nobody_here_can_read_is_kept(world: World) -> None:
    """It fails, again and again, until it lies in the dead-letter queue: a release may come that can."""
    with pytest.raises(ValidationError):
        collect_message('{"source": "aws.s3", "detail-type": "Object Sold"}', world.collection())
    assert world.ledger.events() == []


def test_the_archive_may_be_zipped_with_its_folder(world: World) -> None:
    """What a file manager packs is the same code version."""
    world.collect(world.upload("code/flight-delay/a.zip", zipped(project_files(), prefix="flight_delay/")))
    world.collect(world.push_code())
    first, second = world.events.published
    assert isinstance(first, CodePushed)
    assert isinstance(second, CodePushed)
    assert first.code_version == second.code_version
