"""Whatever strangers upload ends in a recorded refusal with a reason, and nothing else is written."""

import pytest

from sluiceway.gateways.ledger import EventRecord
from tests.corpus.archives import HOSTILE
from tests.corpus.bounds import bounded
from tests.corpus.names import hostile_texts
from tests.corpus.yaml_texts import BAD_YAML
from tests.fakes.samples import project_files, zipped
from tests.fakes.world import World

EVERY = 5
"""Of the texts every fifth is uploaded: each also by its twin with a newline, in capitals, quoted."""


def written(world: World) -> list[object]:
    """Everything but the uploads themselves, the ledger's events and failed runs."""
    artifacts = [key for bucket, key in world.objects.versions if bucket != "uploads"]
    return [artifacts, world.ledger.projects(), world.ledger.datasets(), world.queue.sent]


def refused(world: World, key: str, body: bytes) -> EventRecord:
    """Upload it; returns the refusal, which is recorded."""
    upload = world.upload(key, body)
    record = world.collect(upload)
    assert (record.outcome, bool(record.reason)) == ("refused", True), repr(key)
    assert world.ledger.event(upload.event_id) == record
    assert written(world) == [[], [], [], []], repr(key)
    return record


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", [kind for kind in HOSTILE if "100,000" not in kind])
def test_a_hostile_archive_is_a_failed_run_with_the_reason(kind: str) -> None:
    """Whoever pushed it finds it with `sluice runs`."""
    world = World()
    record = refused(world, "code/flight-delay/push.zip", HOSTILE[kind][0]())
    (run,) = world.ledger.runs("flight-delay")
    assert (run.status, run.reason, run.run_id) == ("FAILED", record.reason, record.run_id)


@pytest.mark.parametrize("kind", [kind for kind in BAD_YAML if kind not in ("100 MiB", "an MLproject")])
def test_a_hostile_project_is_refused_with_its_lines(kind: str) -> None:
    """The archive is right, and what is in it is not."""
    text = BAD_YAML[kind][0]()
    body = text.encode() if isinstance(text, str) else text
    record = refused(World(), "code/flight-delay/push.zip", zipped(project_files() | {"sluice.yaml": body}))
    assert "sluice.yaml" in record.reason


def test_a_key_that_is_none_of_ours_is_refused() -> None:
    """At the top, in the place of a project, and of a dataset."""
    world = World()
    texts = [text for text in hostile_texts()[::EVERY] if 0 < len(text.encode("utf-8", "replace")) < 900]
    assert len(texts) > 2000
    with bounded(seconds=60, mebibytes=256):
        for text in texts:
            plain = text.encode("utf-8", "replace").decode()
            part = f"{plain.replace('/', '!')}!"
            top = [] if plain.startswith(("code/", "data/")) else [plain]
            for key in (*top, f"code/{part}/x.zip", f"data/{part}/x.csv", f"data/{part}"):
                record = world.collect(world.upload(key, b"x"))
                assert (record.outcome, bool(record.reason)) == ("refused", True), repr(key)
    assert written(world) == [[], [], [], []]


def test_data_may_be_called_anything_and_settles_only_as_files_of_one_folder() -> None:
    """S3 takes every text as a key; what cannot be a file is refused when the dataset settles, by name."""
    world = World()
    for path in ("../../etc/passwd", "/x", "a//b", "./a", "a/.", "a\\b"):
        world.deliver(world.push_data(path=path))
    outcomes = {event.outcome for event in world.ledger.events() if event.event == "DatasetSettled"}
    assert outcomes == {"refused"}
    assert world.ledger.datasets() == []
