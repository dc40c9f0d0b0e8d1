"""How messages of a queue become batches: by size, by window, by bytes, and by group.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MOST_BYTES = 6_291_456
"""A batch is an invocation's payload: 6 MB."""

Message = dict[str, Any]


@dataclass
class Collected:
    """The messages that a mapping holds until a batch is full or its window is over."""

    size: int
    window: float
    messages: list[tuple[Message, Mapping[str, Any]]] = field(default_factory=list)
    """Each with the record that it becomes."""
    opened: float = 0.0
    held_bytes: int = 0

    def room(self) -> int:
        """How many more messages the batch takes."""
        return max(0, self.size - len(self.messages)) if self.held_bytes < MOST_BYTES else 0

    def add(self, message: Message, record: Mapping[str, Any], now: float) -> None:
        """Hold a message; the first one opens the window."""
        if not self.messages:
            self.opened = now
        self.messages.append((message, record))
        self.held_bytes += len(json.dumps(record))

    def is_due(self, now: float) -> bool:
        """Whether the function is to be invoked with what is held."""
        return bool(self.messages) and (not self.room() or now - self.opened >= self.window)

    def take(self) -> list[tuple[Message, Mapping[str, Any]]]:
        """What goes into one invocation: no more than its payload may have."""
        taken, total = 0, 0
        for _, record in self.messages:
            total += len(json.dumps(record))
            if taken and total > MOST_BYTES:
                break
            taken += 1
        batch, self.messages = self.messages[:taken], self.messages[taken:]
        self.held_bytes = sum(len(json.dumps(record)) for _, record in self.messages)
        return batch


def by_group(batch: Sequence[tuple[Message, Any]]) -> Iterable[list[tuple[Message, Any]]]:
    """A FIFO queue's messages go to the function one group at a time, each in its order."""
    groups: dict[str, list[tuple[Message, Any]]] = {}
    for each in batch:
        groups.setdefault(str(each[0].get("group_id") or ""), []).append(each)
    return groups.values()
