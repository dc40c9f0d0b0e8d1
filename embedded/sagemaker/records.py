"""What SageMaker remembers, as it lies on disk: a JSON file for each model, configuration, endpoint, job."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from embedded.json_store import records, write_json

STARTUP_SECONDS = 480
"""AWS's default of ContainerStartupHealthCheckTimeoutInSeconds."""


class Record(BaseModel):
    """Anything that has a name, an ARN, tags and a moment of creation (seconds since 1970)."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    name: str
    arn: str
    created: float
    tags: Mapping[str, str] = {}


class ModelRecord(Record):
    """A model, as it was asked for."""

    request: Mapping[str, Any]


class ConfigRecord(Record):
    """An endpoint configuration, as it was asked for."""

    request: Mapping[str, Any]


class Container(BaseModel):
    """What to run, with which model data: an archive, or a folder in S3, or neither."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    image: str
    environment: Mapping[str, str] = {}
    archive: str | None = None
    folder: str | None = None
    isolated: bool = False
    """Without credentials of the role; that it reaches no network is not enforced here."""


class Serverless(BaseModel):
    """How many requests a serverless variant takes at once, and how many of its containers stay warm."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    memory_mb: int
    max_concurrency: int
    provisioned: int = 0


class Variant(BaseModel):
    """A production variant with all that starting it takes: it runs on when its model is deleted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    role_arn: str
    container: Container
    instances: int
    weight: float
    startup_seconds: int = STARTUP_SECONDS
    serverless: Serverless | None = None
    is_random: bool = False
    """RoutingStrategy RANDOM: requests go to any instance, however busy."""
    resolved_image: str | None = None
    """With the digest that a tag meant when the variant was started."""
    resolved_at: float | None = None


class Options(BaseModel):
    """What a configuration says of an endpoint as a whole, as it was asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    capture: Mapping[str, Any] | None = None
    """DataCaptureConfig."""
    asynchronous: Mapping[str, Any] | None = None
    """AsyncInferenceConfig."""


class Phase(BaseModel):
    """A `VariantStatus`: what is being done with a variant, in words, and since when."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: str
    message: str
    started: float


class Pending(BaseModel):
    """A deployment under way."""

    # A record that an earlier version left may hold members that are gone.
    model_config = ConfigDict(frozen=True, extra="ignore")

    config: str
    variants: tuple[Variant, ...]
    started: float
    options: Options = Options()
    deployment: Mapping[str, Any] | None = None
    """Its DeploymentConfig."""
    step: int = 0
    """How many steps are behind it: after a restart it goes on there."""
    phases: Mapping[str, Phase] = {}
    """By variant."""
    rollback: str | None = None
    """Why it is being taken back."""


class EndpointRecord(Record):
    """An endpoint: what serves, what is to serve, and how it went."""

    modified: float
    config: str
    status: str
    reason: str | None = None
    variants: tuple[Variant, ...]
    options: Options = Options()
    pending: Pending | None = None
    phases: Mapping[str, Phase] = {}
    """Of variants whose capacity is being changed."""
    deployment: Mapping[str, Any] | None = None
    """LastDeploymentConfig."""


R = TypeVar("R", bound=Record)


class Table(Generic[R]):
    """Records by name, whatever its case; each write is on disk before it counts."""

    def __init__(self, folder: Path, record: type[R]) -> None:
        self._folder = folder
        self.lock = threading.RLock()
        """Hold it to read and change as one step."""
        found = records(folder, record)
        self._records = {each.name.lower(): each for each in found}

    def get(self, name: str) -> R | None:
        """The record of that name."""
        return self._records.get(name.lower())

    def all(self) -> list[R]:
        """All records."""
        with self.lock:
            return list(self._records.values())

    def add(self, record: R) -> bool:
        """Keep a new record; False when the name is taken."""
        with self.lock:
            return record.name.lower() not in self._records and self.put(record)

    def put(self, record: R) -> bool:
        """Keep a record in place of the one of its name."""
        with self.lock:
            write_json(self._path(record.name), record.model_dump_json(indent=1))
            self._records[record.name.lower()] = record
        return True

    def change(self, name: str, **values: Any) -> R | None:
        """Change members of a record, if it is there; the new record."""
        with self.lock:
            record = self.get(name)
            if record is None:
                return None
            changed = record.model_copy(update=values)
            self.put(changed)
            return changed

    def remove(self, name: str) -> R | None:
        """Forget a record; what it was."""
        with self.lock:
            self._path(name).unlink(missing_ok=True)
            return self._records.pop(name.lower(), None)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name.lower()}.json"
