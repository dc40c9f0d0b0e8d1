"""Results of queries in memory."""

from sluiceway.errors import LostRace
from sluiceway.gateways.queries import Column
from sluiceway.gateways.results import Standing
from tests.fakes.objects import MemoryObjects


class MemoryQueries:
    """`Queries` in memory: every result has the columns that a test sets."""

    def __init__(self, *columns: Column) -> None:
        self.found = list(columns)

    def columns(self, query_execution_id: str) -> list[Column]:
        return self.found


class MemoryResults:
    """`Results` among objects in memory."""

    def __init__(self, objects: MemoryObjects) -> None:
        self._objects = objects
        self._noted: dict[tuple[str, str, str], tuple[str, str]] = {}
        self.writes = 0

    def standing(self, bucket: str, key: str) -> Standing | None:
        if not self._objects.exists(bucket, key):
            return None
        etag = self._objects.versions[bucket, key][-1].etag
        return Standing(etag, *self._noted.get((bucket, key, etag), ("", "")))

    def replace(
        self, bucket: str, key: str, body: bytes, *, rows: str, event_id: str, instead_of: Standing | None
    ) -> None:
        standing = self.standing(bucket, key)
        if (standing and standing.etag) != (instead_of and instead_of.etag):
            raise LostRace(f"{key} was replaced")
        self._objects.put(bucket, key, body)
        self.writes += 1
        self._noted[bucket, key, self._objects.versions[bucket, key][-1].etag] = (rows, event_id)
