"""Uploads become versions of datasets: objects are put from outside, the ledger says what came of them."""

import hashlib
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from sluiceway.datasets.contracts import Manifest
from sluiceway.datasets.listing import settling_of
from sluiceway.gateways.objects import S3Objects, read_contract
from sluiceway.gateways.records import DatasetPointer, EventRecord, RunRecord
from tests.embedded.conftest import wait_for
from tests.embedded.deployed.test_privileges import sluice
from tests.embedded.stage import PROBE, RUN_SECONDS, Stage, points, probe_archive

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(600)]
MIB = 1024 * 1024
SECONDS = 90
"""Within which a dataset settles, also on a machine that is busy with other things."""


@pytest.fixture
def dataset() -> str:
    """A name that no other test uses."""
    return f"d-{uuid4().hex[:12]}"


def put(stage: Stage, dataset: str, **bodies: bytes) -> None:
    """Upload objects, under the operator's role."""
    for name, body in bodies.items():
        stage.put(f"data/{dataset}/{name.replace('_csv', '.csv')}", body)


def state(stage: Stage, dataset: str, body: dict[str, Any]) -> None:
    """Upload a manifest."""
    stage.put(f"data/{dataset}/_MANIFEST.json", json.dumps(body).encode())


def latest(stage: Stage, dataset: str, *, after: str | None = None) -> DatasetPointer:
    """The latest version, once it is another one than `after`, with its settling on record."""
    found: list[DatasetPointer] = []

    def settled() -> bool:
        pointer = stage.ledger.dataset_pointer(dataset)
        found[:] = [pointer] if pointer and pointer.version != after else []
        return bool(found) and stage.ledger.event(settling_of(found[0].event_id)) is not None

    wait_for(settled, seconds=SECONDS)
    return found[0]


def settlings(stage: Stage, dataset: str) -> list[EventRecord]:
    """How looks at a dataset ended."""
    return [
        each
        for each in stage.ledger.events(limit=None)
        if (each.event, each.dataset) == ("DatasetSettled", dataset)
    ]


def wait_for_outcome(stage: Stage, dataset: str, outcome: str) -> EventRecord:
    """The first look that ended so."""
    found: list[EventRecord] = []
    wait_for(
        lambda: bool(found.extend(e for e in settlings(stage, dataset) if e.outcome == outcome) or found),
        seconds=SECONDS,
    )
    return found[0]


def is_quiet(stage: Stage, dataset: str) -> bool:
    """Whether nobody will look any more."""
    pending = stage.ledger.pending_dataset(dataset)
    return pending is not None and pending.timer is None


def delete(stage: Stage, dataset: str, name: str, version_id: str | None = None) -> None:
    """Delete an object, which the operator may not."""
    which: Any = {"VersionId": version_id} if version_id else {}
    stage.cloud.client("s3").delete_object(
        Bucket=stage.settings["uploads_bucket"], Key=f"data/{dataset}/{name}", **which
    )


def put_in_parts(stage: Stage, key: str, body: bytes, *, part: int) -> None:
    """A multipart upload, as clients make one of a large file."""
    s3, at = stage.client("s3"), {"Bucket": stage.settings["uploads_bucket"], "Key": key}
    upload = s3.create_multipart_upload(**at)["UploadId"]
    parts = []
    for number, start in enumerate(range(0, len(body), part), start=1):
        piece = body[start : start + part]
        answer = s3.upload_part(**at, UploadId=upload, PartNumber=number, Body=piece)
        parts.append({"PartNumber": number, "ETag": answer["ETag"]})
    s3.complete_multipart_upload(**at, UploadId=upload, MultipartUpload={"Parts": parts})


def manifest(stage: Stage, pointer: DatasetPointer) -> Manifest:
    """The manifest of a version, read under the operator's role."""
    return read_contract(S3Objects(stage.client("s3")), pointer.uri, Manifest)


def test_many_objects_settle_as_one_version(stage: Stage, dataset: str) -> None:
    """One entry in the log, one settling that says so, and each object's event on record."""
    keys = [f"data/{dataset}/{number:03d}.csv" for number in range(40)]
    for key in keys:
        stage.put(key, b"rows")
    wait_for(
        lambda: (p := stage.ledger.dataset_pointer(dataset)) is not None and p.objects == 40, seconds=SECONDS
    )
    wait_for(lambda: is_quiet(stage, dataset), seconds=SECONDS)
    assert stage.ledger.event(settling_of(latest(stage, dataset).event_id)).outcome == "versioned"  # type: ignore[union-attr]
    recorded = {each.subject for each in stage.ledger.events("accepted", limit=None)}
    assert set(keys) <= recorded


def test_success_and_keys_as_they_come(stage: Stage, dataset: str) -> None:
    """Percent signs, plus, spaces, other alphabets and line feeds: nothing is decoded, nothing is lost."""
    names = ["100%41.csv", "a+b c.csv", "é/日本.csv", "line\nfeed.csv"]
    root, bucket = stage.cloud.client("s3"), stage.settings["uploads_bucket"]
    for name in [*names, "_SUCCESS"]:  # As root: to MiniStack's policies a line feed is no part of `*`.
        root.put_object(
            Bucket=bucket, Key=f"data/{dataset}/{name}", Body=b"" if name == "_SUCCESS" else b"rows"
        )
    pointer = latest(stage, dataset)
    assert {each.key for each in manifest(stage, pointer).objects} == {
        f"data/{dataset}/{name}" for name in names
    }


def test_a_manifest_is_waited_for_and_its_late_part_settles_it(stage: Stage, dataset: str) -> None:
    """By name, size and SHA-256; the late part comes in parts, so that its bytes are read."""
    body = b"0123456789abcdef" * (6 * MIB // 16)
    late = {"path": "late.csv", "size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    put(stage, dataset, first_csv=b"rows")
    state(stage, dataset, {"count": 2, "files": [late]})
    wait_for(
        lambda: (p := stage.ledger.pending_dataset(dataset)) is not None and p.until is not None,
        seconds=SECONDS,
    )
    assert stage.ledger.dataset_pointer(dataset) is None
    put_in_parts(stage, f"data/{dataset}/late.csv", body, part=5 * MIB)
    pointer = latest(stage, dataset)
    assert (pointer.objects, pointer.statement is None) == (2, False)
    (found,) = [each for each in manifest(stage, pointer).objects if each.sha256]
    assert found.checksum == f"etag:{hashlib.md5(body).hexdigest()}"


def test_what_is_missing_after_the_deadline_is_told_and_rings(stage: Stage, dataset: str) -> None:
    """The project that waits sees a failed run with the names; a late part still makes a version."""
    project = f"waits-{uuid4().hex[:8]}"
    config = (PROBE / "sluice.yaml").read_text().replace("points", dataset).replace("probe", project, 1)
    stage.put(f"code/{project}/a.zip", probe_archive({"sluice.yaml": config}))
    wait_for(lambda: stage.ledger.subscribers(dataset) == [project], seconds=SECONDS)
    put(stage, dataset, first_csv=b"x,y,label\n")
    state(stage, dataset, {"files": [{"path": "second.csv"}], "deadline": "1m"})
    wait_for(lambda: bool(stage.runs(project)), seconds=60 + SECONDS)
    (run,) = stage.runs(project)
    assert (run.status, "'second.csv' is missing" in run.reason) == ("FAILED", True)
    wait_for_outcome(stage, dataset, "incomplete")
    assert stage.ledger.event(run.event_id).outcome == "incomplete"  # type: ignore[union-attr]
    wait_for(lambda: any("DatasetsIncomplete" in name for name in _ringing(stage)), seconds=SECONDS)
    put(stage, dataset, second_csv=b"x,y,label\n")
    assert latest(stage, dataset).objects == 2


def _ringing(stage: Stage) -> list[str]:
    alarms = stage.cloud.client("cloudwatch").describe_alarms(StateValue="ALARM")["MetricAlarms"]
    return [alarm["AlarmName"] for alarm in alarms]


def test_a_deletion_is_a_version_and_an_empty_dataset_is_none(stage: Stage, dataset: str) -> None:
    """What is left is what is trained on; nothing left is recorded, and the latest version stays."""
    put(stage, dataset, a_csv=b"1", b_csv=b"2")
    both = latest(stage, dataset)
    wait_for(lambda: is_quiet(stage, dataset), seconds=SECONDS)
    both = latest(stage, dataset)
    delete(stage, dataset, "b.csv")
    one = latest(stage, dataset, after=both.version)
    assert (one.objects, one.removed, one.previous) == (1, 1, both.version)
    delete(stage, dataset, "a.csv")
    assert one.version[:12] in wait_for_outcome(stage, dataset, "ignored").reason
    assert latest(stage, dataset).version == one.version


def test_the_same_bytes_are_the_same_version_whatever_the_client(stage: Stage, dataset: str) -> None:
    """Put at once, then in parts of two sizes: unchanged, and nothing is copied."""
    body = bytes(range(256)) * (11 * MIB // 256)
    put(stage, dataset, a_csv=body)
    version = latest(stage, dataset).version
    for number, part in enumerate((5 * MIB, 8 * MIB), start=1):
        put_in_parts(stage, f"data/{dataset}/a.csv", body, part=part)
        wait_for(
            lambda: sum(e.outcome == "unchanged" for e in settlings(stage, dataset)) >= number,  # noqa: B023
            seconds=SECONDS,
        )
    assert [each.version for each in stage.ledger.dataset_log(dataset)] == [version]


def test_messages_that_are_no_uploads_are_recorded_and_hold_up_nobody(stage: Stage, dataset: str) -> None:
    """An upload that is gone, and no event at all: refused with the reason; the good one counts."""
    sqs, key = stage.cloud.client("sqs"), f"code/gone-{dataset}/a.zip"
    urls = sqs.list_queues()["QueueUrls"]
    (url,) = [each for each in urls if "UploadsQueue" in each]
    told = json.loads((Path(__file__).parents[2] / "events/s3_object_created.json").read_text())
    told["detail"]["bucket"]["name"] = stage.settings["uploads_bucket"]
    told["detail"]["object"] |= {"key": key, "version-id": "00000000000000000000000000000000"}
    for body in (json.dumps(told), f"no event {dataset}"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    put(stage, dataset, a_csv=b"rows")

    def refused() -> dict[str, str]:
        return {each.subject: each.reason for each in stage.ledger.events("refused", limit=None)}

    wait_for(lambda: {key, f"no event {dataset}"} <= set(refused()), seconds=SECONDS)
    assert "there is no object" in refused()[key]
    assert latest(stage, dataset).objects == 1


def test_versions_are_listed_compared_and_pulled(stage: Stage, dataset: str, tmp_path: Path) -> None:
    """By the command, under the operator's role; what was deleted for good is a clear error."""
    put(stage, dataset, a_csv=b"1", b_csv=b"2", _SUCCESS=b"")
    first = latest(stage, dataset)
    put(stage, dataset, a_csv=b"1!")
    delete(stage, dataset, "b.csv")
    wait_for(
        lambda: (p := stage.ledger.dataset_pointer(dataset)) is not None and p.objects == 1, seconds=SECONDS
    )
    old = f"{dataset}@{first.version[:10]}"
    assert dataset in sluice(stage, "data", "list")
    assert len(json.loads(sluice(stage, "data", "log", dataset, "--json"))) >= 2
    changes = json.loads(sluice(stage, "data", "diff", old, dataset, "--json"))
    assert [(each["change"], each["path"]) for each in changes] == [
        ("changed", "a.csv"),
        ("removed", "b.csv"),
    ]
    sluice(stage, "data", "pull", old, str(tmp_path / "f"))
    assert {p.name: p.read_bytes() for p in (tmp_path / "f").iterdir()} == {"a.csv": b"1", "b.csv": b"2"}
    (gone,) = [each for each in manifest(stage, first).objects if each.key.endswith("a.csv")]
    delete(stage, dataset, "a.csv", gone.version_id)
    assert "for good" in sluice(stage, "data", "pull", old, str(tmp_path / "g"), expect=1)


def test_two_projects_share_a_dataset_and_overwriting_changes_no_run(
    stage: Stage, first_run: RunRecord, dataset: str
) -> None:
    """Each trains on it; what is overwritten while they do is what they were planned with."""
    projects = [f"twin-{name}-{uuid4().hex[:6]}" for name in "ab"]
    config = (PROBE / "sluice.yaml").read_text().replace("points", dataset)
    config = config.replace("deploy: {instance_type: ml.t2.medium}", "deploy: null")
    for project in projects:
        named = {"sluice.yaml": config.replace("project: probe", f"project: {project}")}
        stage.put(f"code/{project}/a.zip", probe_archive(named))
    wait_for(lambda: len(stage.ledger.subscribers(dataset)) == 2, seconds=SECONDS)
    put(stage, dataset, a_csv=points(500), _SUCCESS=b"")
    pointer = latest(stage, dataset)
    wait_for(lambda: all(stage.runs(project) for project in projects), seconds=SECONDS)
    put(stage, dataset, a_csv=points(50, offset=3))

    def first_runs() -> list[RunRecord]:
        return [
            run
            for project in projects
            for run in stage.runs(project)
            if run.dataset_versions == {dataset: pointer.version} and run.ended
        ]

    wait_for(lambda: len(first_runs()) == 2, seconds=2 * RUN_SECONDS)
    assert [run.status for run in first_runs()] == ["SUCCEEDED", "SUCCEEDED"]
    assert [_held_out(stage, run) for run in first_runs()] == [100, 100]
    assert latest(stage, dataset, after=pointer.version).changed == 1


def _held_out(stage: Stage, run: RunRecord) -> int:
    """On how many rows the run's model was scored: a fifth of its data."""
    s3, bucket = stage.cloud.client("s3"), stage.settings["artifacts_bucket"]
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"runs/{run.run_id}/evaluation/")["Contents"]
    (key,) = [each["Key"] for each in listed if each["Key"].endswith("result.json")]
    found = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    return int(found["scores"][0]["rows"])
