"""Batch in memory."""

from sluiceway.gateways.jobs import JobDefinition


class MemoryJobs:
    """`Jobs` in memory: each registration is a new revision, as in Batch."""

    def __init__(self) -> None:
        self.definitions: list[JobDefinition] = []

    def register(self, definition: JobDefinition) -> str:
        self.definitions.append(definition)
        revision = sum(one.name == definition.name for one in self.definitions)
        return f"arn:aws:batch:us-east-1:123456789012:job-definition/{definition.name}:{revision}"
