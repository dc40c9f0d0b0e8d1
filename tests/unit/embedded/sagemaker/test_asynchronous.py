"""Requests wait on disk, are worked off in order, and tell how they ended."""

import io
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from embedded.sagemaker.asynchronous.dispatch import Dispatcher
from embedded.sagemaker.asynchronous.invoke import AsyncInvocations
from embedded.sagemaker.asynchronous.processing import Processing
from embedded.sagemaker.asynchronous.queue import Queue
from embedded.sagemaker.metrics import Point
from embedded.sagemaker.model_calls import ModelCalls
from embedded.sagemaker.naming import Names
from embedded.sagemaker.records import Options
from embedded.wire import ApiError
from tests.unit.embedded.sagemaker.fakes import fleet_of, variant
from tests.unit.embedded.sagemaker.test_invocations import FakeInstance
from tests.unit.embedded.sagemaker.world import World

NAMES = Names("us-east-1", "000000000000")
TOPICS = {"SuccessTopic": "good", "ErrorTopic": "bad"}
OUTPUT = {"S3OutputPath": "s3://b/out/", "S3FailurePath": "s3://b/failed", "NotificationConfig": TOPICS}


class FakeS3:
    """Objects by bucket and key."""

    def __init__(self) -> None:
        self.objects = {("b", "in"): b"input"}

    def get_object(self, *, Bucket: str, Key: str) -> Any:  # noqa: N803 - boto3's names
        if (Bucket, Key) not in self.objects:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject")
        return {"Body": io.BytesIO(self.objects[Bucket, Key])}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **_: Any) -> None:  # noqa: N803
        self.objects[Bucket, Key] = Body

    def publish(self, *, TopicArn: str, Message: str) -> None:  # noqa: N803
        self.objects["sns", TopicArn] = Message.encode()


class Service:
    """One asynchronous endpoint; `look` works its queue off until nothing is under way."""

    def __init__(self, folder: Path, answer: Any = (200, b"42"), instances: int = 1) -> None:
        self.world, self.s3, self.points = World(folder / "endpoints"), FakeS3(), list[Point]()
        self.world.create(variant())
        self.world.deployments.change("one", options=Options(asynchronous={"OutputConfig": OUTPUT}))
        alive = [FakeInstance(answer) for _ in range(instances)]
        self.world.deployments.traffic("one").switch(fleet_of(*alive, main=1.0))
        self.queue, self.clock = Queue(folder / "queue"), self.world.clock
        closing, calls = threading.Event(), ModelCalls(NAMES, lambda _: None)
        processing = Processing(
            self.world.deployments,
            calls,
            lambda *_: self.s3,
            self.points.append,
            clock=self.clock,
            region="us-east-1",
            closing=closing,
        )
        self.dispatcher = Dispatcher(
            self.world.table,
            self.world.deployments,
            self.queue,
            processing,
            clock=self.clock,
            closing=closing,
        )
        invoke = AsyncInvocations(
            lambda _: self.world.record, self.queue, self.clock, lambda: None
        ).operations()
        self._invoke = invoke["InvokeEndpointAsync"]

    def ask(self, **params: Any) -> Any:
        asker: Any = None
        return self._invoke({"EndpointName": "one", "InputLocation": "s3://b/in"} | params, asker)

    def look(self) -> None:
        self.dispatcher.look()
        self.dispatcher._pool.shutdown()

    def read(self, location: str) -> bytes:
        bucket, _, key = location.removeprefix("s3://").partition("/")
        return self.s3.objects[bucket, key]

    def notice(self, topic: str) -> Any:
        return json.loads(self.s3.objects["sns", topic])

    def counted(self) -> set[str]:
        return {each.metric for each in self.points}


def test_an_answer_goes_to_its_place_and_is_told(tmp_path: Path) -> None:
    """In the shape of SageMaker's notices; nothing waits any more."""
    service = Service(tmp_path)
    taken = service.ask(InferenceId="mine")
    service.look()
    assert service.read(taken["OutputLocation"]) == b"42"
    notice = service.notice("good")
    assert (notice["invocationStatus"], notice["inferenceId"]) == ("Completed", "mine")
    assert notice["responseParameters"] == {
        "contentType": "text/plain",
        "outputLocation": taken["OutputLocation"],
    }
    assert service.queue.backlog("one") == []
    assert {"InvocationsProcesssed", "TimeInBacklog", "ResponseUploadLatency"} <= service.counted()


@pytest.mark.parametrize(
    ("answer", "params", "reason", "metric"),
    [
        ((500, b"why"), {}, "Received server error (500) from model", "InvocationFailures"),
        ((200, b""), {"InputLocation": "s3://b/none"}, "Failed to download", "RequestDownloadFailures"),
    ],
)
def test_a_failure_is_written_and_told(
    tmp_path: Path, answer: Any, params: dict[str, Any], reason: str, metric: str
) -> None:
    """With its reason."""
    service = Service(tmp_path, answer)
    taken = service.ask(**params)
    service.look()
    assert service.read(taken["FailureLocation"])
    assert reason in service.notice("bad")["failureReason"]
    assert metric in service.counted()


def test_a_request_that_waited_too_long_expires(tmp_path: Path) -> None:
    """Also where there is no instance."""
    service = Service(tmp_path, instances=0)
    service.ask(RequestTTLSeconds=60)
    service.clock.moment += 60
    service.look()
    assert service.notice("bad")["invocationStatus"] == "Expired"
    assert "ExpiredRequests" in service.counted()


def test_requests_wait_over_a_restart_in_their_order(tmp_path: Path) -> None:
    """What was being processed waits again."""
    service = Service(tmp_path, instances=0)
    for name in ("first", "second"):
        service.ask(InferenceId=name)
    assert service.queue.take("one") is not None
    again = Queue(tmp_path / "queue")
    assert [each.inference_id for each in again.backlog("one")] == ["first", "second"]


def test_the_backlog_is_measured(tmp_path: Path) -> None:
    """With what tells a policy that somebody has to come."""
    service = Service(tmp_path, instances=0)
    service.ask()
    service.clock.moment += 30
    found = {each.metric: each.value for each in service.dispatcher.gauges()}
    assert found == {
        "ApproximateBacklogSize": 1.0,
        "ApproximateBacklogSizePerInstance": 1.0,
        "ApproximateAgeOfOldestRequest": 30,
        "HasBacklogWithoutCapacity": 1.0,
    }


def test_requests_of_an_endpoint_that_is_gone_are_forgotten(tmp_path: Path) -> None:
    """Nobody could answer them."""
    service = Service(tmp_path, instances=0)
    service.ask()
    service.world.table.remove("one")
    service.look()
    assert (service.queue.backlog("one"), list((tmp_path / "queue").glob("*"))) == ([], [])


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"Body": b"x"}, "exactly one of InputLocation and Body"),
        ({"Body": bytes(128_001), "InputLocation": None}, "at most 128000 bytes"),
    ],
)
def test_a_request_has_one_input(tmp_path: Path, params: dict[str, Any], words: str) -> None:
    """In S3, or with it and small."""
    service = Service(tmp_path)
    given = {"EndpointName": "one", "InputLocation": "s3://b/in"} | params
    asker: Any = None
    with pytest.raises(ApiError, match=words):
        service._invoke({key: value for key, value in given.items() if value is not None}, asker)


def test_the_caller_may_name_the_output(tmp_path: Path) -> None:
    """S3OutputPathExtension and Filename."""
    taken = Service(tmp_path).ask(S3OutputPathExtension="a/b", Filename="c.json")
    assert taken["OutputLocation"] == "s3://b/out/a/b/c.json"
