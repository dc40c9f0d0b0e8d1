"""Where executions, their strands and their histories are kept: the protocol, and a store in memory."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from embedded.stepfunctions.model import Changes, Event, Execution, MapRun, Strand


class Store(Protocol):
    """Keeps executions. What `save` was given is there after a kill."""

    def save(self, *all_changes: Changes) -> None:
        """Write all of it, or nothing."""

    def execution(self, arn: str) -> Execution | None:
        """An execution; None where there is none."""

    def strands(self, arn: str) -> list[Strand]:
        """The strands of an execution that has not succeeded, by id."""

    def unfinished(self) -> Iterator[Execution]:
        """The executions that go on after a restart, in the order in which they were started."""

    def events(self, arn: str, *, first: int = 1, limit: int = 25_000, reverse: bool = False) -> list[Event]:
        """At most `limit` events of a history from the id `first` on, up, or down with `reverse`."""

    def map_run(self, arn: str) -> MapRun | None:
        """A run of a distributed Map."""

    def map_runs(self, execution_arn: str) -> list[MapRun]:
        """The Map Runs of an execution, the newest first."""

    def children(self, map_run_arn: str) -> list[Execution]:
        """The executions of a Map Run, in the order in which they were started."""


class MemoryStore:
    """Keeps everything for as long as the process lives."""

    def __init__(self) -> None:
        self._executions: dict[str, Execution] = {}
        self._strands: dict[str, dict[int, Strand]] = {}
        self._events: dict[str, list[Event]] = {}
        self._map_runs: dict[str, MapRun] = {}

    def save(self, *all_changes: Changes) -> None:
        """Write all of it."""
        for changes in all_changes:
            self._save(changes)

    def _save(self, changes: Changes) -> None:
        arn = changes.execution.arn
        self._executions[arn] = changes.execution
        strands = self._strands.setdefault(arn, {})
        strands.update((strand.id, strand) for strand in changes.strands)
        for gone in changes.gone:
            strands.pop(gone, None)
        self._events.setdefault(arn, []).extend(changes.events)
        self._map_runs.update((run.arn, run) for run in changes.map_runs)

    def execution(self, arn: str) -> Execution | None:
        """An execution; None where there is none."""
        return self._executions.get(arn)

    def strands(self, arn: str) -> list[Strand]:
        """The strands of an execution, by id."""
        return sorted(self._strands.get(arn, {}).values(), key=lambda strand: strand.id)

    def unfinished(self) -> Iterator[Execution]:
        """The executions that have not ended."""
        return (one for one in list(self._executions.values()) if not one.has_ended)

    def events(self, arn: str, *, first: int = 1, limit: int = 25_000, reverse: bool = False) -> list[Event]:
        """A part of a history."""
        found: Sequence[Event] = self._events.get(arn, [])
        chosen = found[first - 1 :: -1] if reverse else found[first - 1 :]
        return list(chosen[:limit])

    def map_run(self, arn: str) -> MapRun | None:
        """A run of a distributed Map."""
        return self._map_runs.get(arn)

    def map_runs(self, execution_arn: str) -> list[MapRun]:
        """The Map Runs of an execution, the newest first."""
        return [one for one in self._map_runs.values() if one.execution_arn == execution_arn][::-1]

    def children(self, map_run_arn: str) -> list[Execution]:
        """The executions of a Map Run."""
        return [one for one in list(self._executions.values()) if one.map_run_arn == map_run_arn]
