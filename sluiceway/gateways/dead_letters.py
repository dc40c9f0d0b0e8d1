"""A queue of dead letters, as somebody sees it who wants to read them and send them on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import ClientError
from pydantic import Field

from sluiceway.clock import timestamp
from sluiceway.contract import Contract
from sluiceway.gateways.aws_errors import asking

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

HELD_SECONDS = 120
"""How long nobody else sees what was read."""
AT_ONCE = 10
"""Messages that SQS gives at once at most."""


class Letter(Contract):
    """One message that nobody could handle."""

    message_id: str
    handle: str
    """By which it is removed or put back."""
    body: str
    attributes: dict[str, str] = Field(default_factory=dict)
    """What its sender says of it."""
    sent_at: str
    receives: int = 0
    """How often it was read from a queue."""


class DeadLetters(Protocol):
    """One queue. What is read stays in it, unseen by others for two minutes."""

    def read(self) -> Iterator[Letter]:
        """Every letter that is there, each once."""

    def put_back(self, letters: Sequence[Letter]) -> None:
        """Let others see them again."""

    def remove(self, letter: Letter) -> None:
        """Take it out of the queue for good."""

    def move_all(self) -> None:
        """Have SQS send every letter back to the queue from which it came."""


class SqsDeadLetters:
    """`DeadLetters` in SQS."""

    def __init__(self, client: SQSClient, arn: str) -> None:
        self._client = client
        self._arn = arn
        self._url = queue_url(client, arn)

    def read(self) -> Iterator[Letter]:
        """Until SQS has none to give, or gives one again."""
        seen: set[str] = set()
        while True:
            found = [each for each in self._receive() if each.message_id not in seen]
            if not found:
                return
            seen |= {each.message_id for each in found}
            yield from found

    def put_back(self, letters: Sequence[Letter]) -> None:
        """Let others see them again."""
        for letter in letters:
            with asking("SQS", f"ChangeMessageVisibility {self._url}"):
                self._client.change_message_visibility(
                    QueueUrl=self._url, ReceiptHandle=letter.handle, VisibilityTimeout=0
                )

    def remove(self, letter: Letter) -> None:
        """Take it out of the queue for good; SQS takes it well when it was gone already."""
        with asking("SQS", f"DeleteMessage {self._url}"):
            self._client.delete_message(QueueUrl=self._url, ReceiptHandle=letter.handle)

    def move_all(self) -> None:
        """Start a task that moves them, unless one is at work: perhaps one's own, whose answer was lost."""
        try:
            with asking("SQS", f"StartMessageMoveTask {self._arn}"):
                self._client.start_message_move_task(SourceArn=self._arn)
        except ClientError:
            if not self._is_moving():
                raise

    def _is_moving(self) -> bool:
        with asking("SQS", f"ListMessageMoveTasks {self._arn}"):
            tasks = self._client.list_message_move_tasks(SourceArn=self._arn, MaxResults=1)["Results"]
        return any(task["Status"] == "RUNNING" for task in tasks)

    def _receive(self) -> list[Letter]:
        with asking("SQS", f"ReceiveMessage {self._url}"):
            answer = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=AT_ONCE,
                VisibilityTimeout=HELD_SECONDS,
                WaitTimeSeconds=1,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
            )
        return [_letter(message) for message in answer.get("Messages", [])]


def queue_url(client: SQSClient, arn: str) -> str:
    """URL of the queue, wherever the client finds SQS."""
    *_, account, name = arn.split(":")
    return f"{client.meta.endpoint_url}/{account}/{name}"


def _letter(message: MessageTypeDef) -> Letter:
    told, sender = message.get("Attributes", {}), message.get("MessageAttributes", {})
    sent = datetime.fromtimestamp(int(told.get("SentTimestamp", "0")) / 1000, UTC)
    return Letter(
        message_id=message["MessageId"],
        handle=message["ReceiptHandle"],
        body=message["Body"],
        attributes={name: each.get("StringValue", "") for name, each in sender.items()},
        sent_at=timestamp(sent),
        receives=int(told.get("ApproximateReceiveCount", "0")),
    )
