"""A queue in memory."""

from sluiceway.contract import Contract


class MemoryQueue:
    """`Queue` in memory: what was sent, each with its delay in seconds."""

    def __init__(self) -> None:
        self.sent: list[tuple[Contract, int]] = []

    def send(self, message: Contract, *, delay: int = 0) -> None:
        self.sent.append((message, delay))
