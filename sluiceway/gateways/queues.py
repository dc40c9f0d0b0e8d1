"""An SQS queue, as its sender sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sluiceway.contract import Contract
from sluiceway.gateways.aws_errors import asking

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class Queue(Protocol):
    """Messages that arrive at least once, in any order."""

    def send(self, message: Contract, *, delay: int = 0) -> None:
        """Send a message that becomes visible after `delay` seconds (0 to 900)."""


class SqsQueue:
    """`Queue` in SQS."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, message: Contract, *, delay: int = 0) -> None:
        """Send a message that becomes visible after `delay` seconds (0 to 900)."""
        with asking("SQS", f"SendMessage {self._url}"):
            self._client.send_message(
                QueueUrl=self._url, MessageBody=message.model_dump_json(), DelaySeconds=delay
            )
