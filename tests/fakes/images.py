"""A repository of images, and build logs, in memory."""

from sluiceway.gateways.images import PushedImage


class MemoryImages:
    """`Images` in memory."""

    def __init__(self) -> None:
        self.pushed: dict[str, PushedImage] = {}

    def push(self, tag: str) -> PushedImage:
        """What a build does at its end."""
        digest = f"sha256:{tag[:8] * 8}"
        self.pushed[tag] = PushedImage(
            digest, f"123456789012.dkr.ecr.us-east-1.amazonaws.com/environments@{digest}"
        )
        return self.pushed[tag]

    def find(self, tag: str) -> PushedImage | None:
        return self.pushed.get(tag)


class MemoryBuildLogs:
    """`BuildLogs` in memory."""

    def __init__(self) -> None:
        self.streams: dict[tuple[str, str], list[str]] = {}

    def tail(self, group: str, stream: str, lines: int) -> tuple[str, ...]:
        return tuple(self.streams.get((group, stream), [])[-lines:])
