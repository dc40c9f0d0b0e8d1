"""Dead letters go back to the queues from which they came."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.core import iam_actions
from ministack.services import sqs

from embedded.mends import message_moves

ARN = "arn:aws:sqs:us-east-1:000000000000:"


@pytest.fixture(autouse=True)
def queues(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A queue `work`, its dead letters `dead`, and a queue `lone` that takes nobody's."""
    sqs.reset()
    monkeypatch.setattr(iam_actions, "extract_resource_arn", iam_actions.extract_resource_arn)
    monkeypatch.setattr(message_moves, "_TASKS", {})
    for name in ("dead", "lone", "work"):
        policy = {"deadLetterTargetArn": f"{ARN}dead", "maxReceiveCount": "1"}
        attributes = {"RedrivePolicy": json.dumps(policy), "VisibilityTimeout": "0"} if name == "work" else {}
        sqs._act_create_queue({"QueueName": name, "Attributes": attributes}, "")
    yield
    sqs.reset()


def receive(name: str, **options: Any) -> list[Any]:
    url = sqs._queue_by_arn(f"{ARN}{name}")["url"]
    found = asyncio.run(sqs._act_receive_message({"QueueUrl": url, **options}, url))
    return found.get("Messages", [])


def die(body: str) -> None:
    """A message that its function cannot handle."""
    url = sqs._queue_by_arn(f"{ARN}work")["url"]
    sqs._act_send_message({"QueueUrl": url, "MessageBody": body}, url)
    receive("work")
    assert receive("work") == []


def test_ministack_does_not_know_the_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    """The deviation: without the mend it is no action of SQS."""
    monkeypatch.delitem(sqs._HANDLERS, "StartMessageMoveTask", raising=False)
    with pytest.raises(sqs._Err, match="is not valid for this endpoint"):
        asyncio.run(sqs._dispatch("StartMessageMoveTask", {"SourceArn": f"{ARN}dead"}, ""))


def test_a_dead_letter_goes_back_and_is_received_anew() -> None:
    """With a new id, as if it had just been sent."""
    die("m")
    assert message_moves.start({"SourceArn": f"{ARN}dead"}, "")["TaskHandle"]
    (again,) = receive("work", AttributeNames=["All"])
    assert (again["Body"], again["Attributes"]["ApproximateReceiveCount"]) == ("m", "1")
    (task,) = message_moves.show({"SourceArn": f"{ARN}dead"}, "")["Results"]
    assert (task["Status"], task["ApproximateNumberOfMessagesMoved"]) == ("COMPLETED", 1)


def test_what_somebody_works_on_stays() -> None:
    """A message in flight is not moved."""
    die("m")
    receive("dead", VisibilityTimeout=60)
    message_moves.start({"SourceArn": f"{ARN}dead"}, "")
    assert receive("work") == []


@pytest.mark.parametrize(
    ("source", "code"), [("lone", "InvalidParameterValue"), ("nowhere", "ResourceNotFoundException")]
)
def test_only_a_queue_of_dead_letters_can_be_a_source(source: str, code: str) -> None:
    """As AWS words it."""
    with pytest.raises(sqs._Err) as caught:
        message_moves.start({"SourceArn": f"{ARN}{source}"}, "")
    assert caught.value.code == code


def test_iam_is_asked_about_the_source() -> None:
    """Without that, only a role that may do it on every queue could."""
    body = json.dumps({"SourceArn": f"{ARN}dead"}).encode()
    given = ("sqs", "POST", "/", {}, body, {}, "us-east-1", "000000000000")
    assert iam_actions.extract_resource_arn(*given) == "*"
    message_moves.install()
    assert iam_actions.extract_resource_arn(*given) == f"{ARN}dead"
