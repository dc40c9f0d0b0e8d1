"""What S3 tells of an upload or a deletion, by way of EventBridge, and what its key says that it is.

Source: "Using EventBridge" and "Event message structure" in the S3 user guide. Keys come as they are: only
S3's own notifications, not EventBridge's events, encode them.
"""

import hashlib
import json
from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from sluiceway.clock import timestamp
from sluiceway.contract import Contract
from sluiceway.errors import InvalidUpload
from sluiceway.names import check_name

SEQUENCER_DIGITS = 32
"""Sequencers have up to 18 hexadecimal digits; to compare two, the shorter is padded on the right."""
COMPLETE = "_SUCCESS"
"""Name of the object that says that a dataset is complete, as Spark and Hadoop write it."""
MANIFEST = "_MANIFEST.json"
"""`data/<dataset>/_MANIFEST.json` states what the dataset holds when it is complete."""
HADOOP_FOLDER = "_$folder$"
"""End of the keys of empty objects that EMR and Hadoop's older S3 clients put beside a folder."""
Detail = Literal["Object Created", "Object Deleted"]


class _Told(BaseModel):
    """AWS adds fields to its events without notice: only what is used is read."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Bucket(_Told):
    name: str


class _Object(_Told):
    key: str
    size: int = 0
    sequencer: str = ""
    version_id: str | None = Field(default=None, alias="version-id")


class _Detail(_Told):
    bucket: _Bucket
    object: _Object


class ObjectEvent(_Told):
    """EventBridge's envelope of `Object Created` and `Object Deleted`."""

    kind: Detail = Field(default="Object Created", alias="detail-type")
    time: datetime
    detail: _Detail


class Upload(Contract):
    """One object that somebody uploaded, or took away."""

    event_id: str
    """Equal for every delivery of the same event, and for no other."""
    bucket: str
    key: str
    version_id: str | None
    """None where S3 does not tell: then the latest version is meant."""
    size: int
    order: str
    """Sorts as the uploads happened: by time, and within a second by sequencer."""
    deleted: bool = False
    """A person or a lifecycle rule deleted it: under a marker, or for good."""

    @property
    def event(self) -> str:
        """What happened, as the ledger names it."""
        return "ObjectDeleted" if self.deleted else "ObjectCreated"

    @classmethod
    def from_event(cls, body: str) -> Self:
        """From the JSON text of EventBridge's event; raises pydantic's `ValidationError`."""
        event = ObjectEvent.model_validate_json(body)
        bucket, told = event.detail.bucket.name, event.detail.object
        sequencer = told.sequencer.upper().ljust(SEQUENCER_DIGITS, "0")
        deleted = event.kind == "Object Deleted"
        alone = bool(told.sequencer) and not deleted
        more = () if alone else (event.kind, told.version_id or "", timestamp(event.time))
        return cls(
            event_id=_event_id(bucket, told.key, told.sequencer, *more),
            deleted=deleted,
            bucket=bucket,
            key=told.key,
            version_id=told.version_id,
            size=told.size,
            order=f"{timestamp(event.time)}#{sequencer}",
        )


def _event_id(*parts: str) -> str:
    """Sequencers are unique for a key, where S3 tells one; 128 bits of a hash are unique for everything."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def project_of(key: str) -> str:
    """The project in `code/<project>/<file>.zip`; raises `InvalidUpload` or `InvalidName`."""
    _, _, rest = key.partition("/")
    project, _, file = rest.partition("/")
    if not file:
        raise InvalidUpload(f"{key!r} belongs to no project: upload it as code/<project>/<name>.zip")
    return check_name(project, what="the project in the key " + repr(key))


def dataset_of(key: str) -> str:
    """The dataset in `data/<dataset>/<path>`; raises `InvalidUpload` or `InvalidName`."""
    _, _, rest = key.partition("/")
    dataset, slash, _ = rest.partition("/")
    if not slash:
        raise InvalidUpload(f"{key!r} belongs to no dataset: upload it as data/<dataset>/<path>")
    return check_name(dataset, what="the dataset in the key " + repr(key))


def is_folder_marker(key: str) -> bool:
    """Whether the object is a "folder" of the S3 console, or of EMR: empty, and told by its key."""
    return key.endswith(("/", HADOOP_FOLDER))


def is_completion(key: str) -> bool:
    """Whether the object only says that the dataset is complete."""
    return key.rpartition("/")[2] == COMPLETE


def is_manifest(key: str) -> bool:
    """Whether the object states what the dataset holds when it is complete."""
    return key.count("/") == 2 and key.endswith(f"/{MANIFEST}")


def is_marker(key: str) -> bool:
    """Whether the object says something of the dataset and is no data itself."""
    return is_folder_marker(key) or is_completion(key) or is_manifest(key)
