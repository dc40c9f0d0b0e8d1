"""What is asked and answered is written down as Model Monitor reads it, and nothing of it is lost."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from embedded.sagemaker import capture_format
from embedded.sagemaker.capture import FILE_SECONDS, Capture, Exchange
from embedded.sagemaker.fleet import Lease
from embedded.sagemaker.model_calls import ModelAnswer
from embedded.sagemaker.records import Options
from tests.unit.embedded.sagemaker.fakes import FakeClock, FakeInstance, fleet_of

CONFIG = {
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": "s3://b/prefix",
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]},
}


class FakeS3:
    """What was put, under which role."""

    def __init__(self) -> None:
        self.objects: dict[str, str] = {}
        self.error: Exception | None = None

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803 - boto3's names
        if self.error:
            raise self.error
        self.objects[f"{Bucket}/{Key}"] = Body.decode()


class World:
    """Captures for one endpoint."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.s3, self.clock = folder, FakeS3(), FakeClock(1_644_859_549.25)
        self.roles: list[str] = []
        self.capture = Capture(folder, self._client, self.clock)

    def take(self, **config: Any) -> None:
        fleet = fleet_of(instance := FakeInstance("i", "main"), main=1.0)
        fleet.options = Options(capture=CONFIG | config)
        params = {"Body": b"1,2", "ContentType": "text/csv", "InferenceId": "7", "CustomAttributes": "a=b"}
        answer = ModelAnswer(b'{"y":1}', "application/json; charset=utf-8", None)
        lease: Any = Lease(instance, fleet)  # type: ignore[arg-type]
        self.capture.take(Exchange("One", lease, params, answer))

    def _client(self, role: str) -> Any:
        self.roles.append(role)
        return self.s3


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_line_is_what_model_monitor_reads(world: World) -> None:
    """Both sides with their encodings, and when and for whom it was."""
    world.take()
    world.capture.send(everything=True)
    ((key, text),) = world.s3.objects.items()
    assert key.startswith("b/prefix/One/main/2022/02/14/17/25-49-250-")
    assert key.endswith(".jsonl")
    line = json.loads(text)
    assert line["captureData"] == {
        "endpointInput": {
            "observedContentType": "text/csv",
            "mode": "INPUT",
            "data": "1,2",
            "encoding": "CSV",
        },
        "endpointOutput": {
            "observedContentType": "application/json; charset=utf-8",
            "mode": "OUTPUT",
            "data": '{"y":1}',
            "encoding": "JSON",
        },
    }
    assert line["eventMetadata"].pop("eventId")
    assert line["eventMetadata"] == {
        "customAttributes": ["a=b"],
        "inferenceId": "7",
        "inferenceTime": "2022-02-14T17:25:49Z",
    }
    assert line["eventVersion"] == "0"
    assert world.roles == ["arn:aws:iam::000000000000:role/execution"]


def test_lines_are_gathered_until_their_file_is_old(world: World) -> None:
    """One file for several requests."""
    world.take()
    world.take()
    world.capture.send()
    assert world.s3.objects == {}
    world.clock.moment += FILE_SECONDS
    world.capture.send()
    assert [text.count("\n") for text in world.s3.objects.values()] == [2]
    assert list(world.folder.iterdir()) == []


def test_each_hour_has_files_of_its_own(world: World) -> None:
    """By the time of the inference."""
    world.take()
    world.clock.moment += 3600
    world.take()
    world.capture.send(everything=True)
    assert sorted(key.split("/")[7] for key in world.s3.objects) == ["17", "18"]


def test_a_kill_loses_no_line(world: World) -> None:
    """The next server sends what lies there."""
    world.take()
    again = World(world.folder)
    (left,) = again.capture._left
    again.capture._put(left)
    assert len(again.s3.objects) == 1


def test_a_file_waits_while_s3_does_not_answer(world: World) -> None:
    """It goes away only when it has arrived, or may not."""
    world.take()
    world.s3.error = EndpointConnectionError(endpoint_url="https://localhost")
    with pytest.raises(EndpointConnectionError):
        world.capture.send(everything=True)
    assert len(World(world.folder).capture._left) == 1
    world.s3.error = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObject")
    for file in World(world.folder).capture._left:
        world.capture._put(file)
    assert list(world.folder.iterdir()) == []


@pytest.mark.parametrize("config", [{"EnableCapture": False}, {"InitialSamplingPercentage": 0}])
def test_what_is_not_to_be_captured_is_not(world: World, config: dict[str, Any]) -> None:
    """Switched off, or sampled out."""
    world.take(**config)
    world.capture.send(everything=True)
    assert world.s3.objects == {}


def test_one_side_alone_can_be_captured(world: World) -> None:
    """CaptureOptions."""
    world.take(CaptureOptions=[{"CaptureMode": "Output"}])
    world.capture.send(everything=True)
    (text,) = world.s3.objects.values()
    assert list(json.loads(text)["captureData"]) == ["endpointOutput"]


def test_content_types_that_nobody_named_are_in_base64() -> None:
    """So is text that is none."""
    assert capture_format._encoding({}, "text/csv") == "BASE64"
    side = capture_format._side(CONFIG, "Input", b"\xff", "text/csv")
    assert (side["data"], side["encoding"]) == ("/w==", "BASE64")
