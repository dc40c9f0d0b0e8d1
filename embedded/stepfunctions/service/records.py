"""What outlives the server beside executions: state machines, versions, aliases, activities, tags."""

from typing import Any, Generic, TypeVar

from embedded.record_book import Record
from embedded.stepfunctions.sqlite_store import Database


class Configuration(Record):
    """What CreateStateMachine and UpdateStateMachine set, and what a version keeps."""

    definition: str
    role_arn: str
    logging: dict[str, Any]
    tracing: dict[str, Any]


class Machine(Record):
    """A state machine."""

    arn: str
    name: str
    configuration: Configuration
    created: float
    updated: float
    revision: str | None = None
    """None until the first update."""
    versions: int = 0
    """How many were ever published: numbers are never used again."""
    is_deleting: bool = False
    published: bool = False
    """Whether it was created with `publish`, and with which description."""
    version_description: str | None = None


class Version(Record):
    """A published version."""

    arn: str
    machine_arn: str
    name: str
    number: int
    configuration: Configuration
    created: float
    revision: str | None = None
    description: str | None = None


class Route(Record):
    """A version, and how many of a hundred executions it gets."""

    version_arn: str
    weight: int


class Alias(Record):
    """A name for one or two versions."""

    arn: str
    machine_arn: str
    name: str
    routes: tuple[Route, ...]
    created: float
    updated: float
    description: str | None = None


class Activity(Record):
    """Work that is done elsewhere."""

    arn: str
    name: str
    created: float


class Tags(Record):
    """The tags of a state machine or an activity."""

    tags: dict[str, str]


class Redrives(Record):
    """The client tokens that redrove an execution, and when."""

    tokens: dict[str, float]


R = TypeVar("R", bound=Record)


class Table(Generic[R]):
    """Records of one kind by key, in the database."""

    def __init__(self, database: Database, model: type[R]) -> None:
        self._database = database
        self._model = model
        self._kind = model.__name__

    def find(self, key: str) -> R | None:
        """A record."""
        rows = self._database.rows(
            "SELECT record FROM documents WHERE kind = ? AND key = ?", (self._kind, key)
        )
        return self._model.model_validate_json(rows[0][0]) if rows else None

    def put(self, key: str, record: R) -> R:
        """Write a record down."""
        values = (self._kind, key, record.model_dump_json())
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", values)
        return record

    def remove(self, key: str) -> None:
        """Forget a record, if it is there."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM documents WHERE kind = ? AND key = ?", (self._kind, key))

    def all(self, prefix: str = "") -> list[R]:
        """The records whose keys begin so, by key."""
        rows = self._database.rows(
            "SELECT record FROM documents WHERE kind = ? AND key >= ? AND key < ? ORDER BY key",
            (self._kind, prefix, prefix + "\U0010ffff"),
        )
        return [self._model.model_validate_json(record) for (record,) in rows]


class Catalog:
    """All tables."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.machines = Table(database, Machine)
        self.versions = Table(database, Version)
        self.aliases = Table(database, Alias)
        self.activities = Table(database, Activity)
        self.tags = Table(database, Tags)
        self.redrives = Table(database, Redrives)
