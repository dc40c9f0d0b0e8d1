"""The event bus: facts in the past tense, published at least once; their ids tell repetitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sluiceway.contract import Contract
from sluiceway.errors import ServiceUnavailable
from sluiceway.gateways.aws_errors import asking
from sluiceway.triggers.contracts import EVENT_SOURCE

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient


class Events(Protocol):
    """Where facts are published."""

    def publish(self, event: Contract) -> None:
        """Publish a fact; its class name becomes the detail type. Raises `ServiceUnavailable`."""


class EventBridgeEvents:
    """`Events` on an EventBridge bus."""

    def __init__(self, client: EventBridgeClient, bus: str, *, source: str = EVENT_SOURCE) -> None:
        """`source`: in whose name; only the platform's own functions speak in the platform's."""
        self._client = client
        self._bus = bus
        self._source = source

    def publish(self, event: Contract) -> None:
        """Publish a fact. PutEvents answers 200 to entries that it did not take, so the answer is read."""
        name = type(event).__name__
        with asking("EventBridge", f"PutEvents {name}"):
            answer = self._client.put_events(
                Entries=[
                    {
                        "Source": self._source,
                        "DetailType": name,
                        # Others say no more than they want: what is left out, the platform fills in.
                        "Detail": event.model_dump_json(exclude_unset=self._source != EVENT_SOURCE),
                        "EventBusName": self._bus,
                    }
                ]
            )
        if answer["FailedEntryCount"]:
            entry = answer["Entries"][0]
            raise ServiceUnavailable(
                f"EventBridge did not take {name} on {self._bus}: "
                f"{entry.get('ErrorCode')}: {entry.get('ErrorMessage')}"
            )
