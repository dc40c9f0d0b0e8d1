"""A bus in memory."""

from sluiceway.contract import Contract
from sluiceway.errors import ServiceUnavailable


class MemoryEvents:
    """`Events` in memory. `refuse` is how many of the next events are not taken."""

    def __init__(self) -> None:
        self.published: list[Contract] = []
        self.refuse = 0

    def publish(self, event: Contract) -> None:
        if self.refuse:
            self.refuse -= 1
            raise ServiceUnavailable("the bus did not take the event")
        self.published.append(event)
