"""The tables that a query names: looked up and read under the permissions of who started it.

MiniStack reads its own memory, whoever asks. Athena calls Glue and S3 for the caller:
https://docs.aws.amazon.com/athena/latest/ug/security-iam-athena.html
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from embedded.cloud import AccessDenied, Cloud

_SESSION = "Athena"


class QueryFailed(Exception):
    """A query ended badly; the text is Athena's StateChangeReason."""


class QueryCancelled(QueryFailed):
    """A query was ended before it was done."""


@dataclass
class Reader:
    """Reads tables for one query, into a folder of its own."""

    cloud: Cloud
    role_arn: str | None
    """None: root, of whom nothing is asked."""
    folder: Path
    most_bytes: int | None
    """What the workgroup lets a query scan."""
    scanned: int = 0
    _number: int = field(default=0)

    def client(self, service: str) -> Any:
        """A client under the caller's role."""
        return self.cloud.client(service, role_arn=self.role_arn, session_name=_SESSION)

    def check_table(self, database: str, table: dict[str, Any]) -> None:
        """Glue asks for the catalog, the database and the table; for partitions where there are some."""
        names = ("catalog", f"database/{database}", f"table/{database}/{table['Name']}")
        for name in names:
            self.check("glue:GetTable", name)
            if table.get("PartitionKeys"):
                self.check("glue:GetPartitions", name)

    def check_database(self, database: str) -> None:
        """The database of the query's context."""
        for name in ("catalog", f"database/{database}"):
            self.check("glue:GetDatabase", name)

    def check(self, action: str, name: str) -> None:
        """Raise QueryFailed unless the caller may do something in Glue."""
        if self.role_arn is None:
            return
        arn = f"arn:aws:glue:{self.cloud.region}:{self.cloud.account_id}:{name}"
        try:
            self.cloud.check(self.role_arn, action, arn)
        except AccessDenied as error:
            raise QueryFailed(f"Insufficient permissions to execute the query. {error}") from error

    def files(self, location: str) -> list[str]:
        """Copies of what lies under a table's location; what is hidden to Trino is left out."""
        self._number += 1
        target = self.folder / str(self._number)
        return sorted(str(path) for path in self._fetched(location, target))

    def _fetched(self, location: str, target: Path) -> Iterator[Path]:
        from ministack.services import athena

        place = urlparse(location)
        prefix = place.path.strip("/") + "/" if place.path.strip("/") else ""
        s3 = self.client("s3")
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=place.netloc, Prefix=prefix):
            for entry in page.get("Contents", ()):
                relative = entry["Key"].removeprefix(prefix)
                if relative and not relative.endswith("/") and not athena._hidden(relative):
                    self._count(entry["Size"])
                    yield _fetch(s3, place.netloc, entry["Key"], target / relative)

    def _count(self, size: int) -> None:
        self.scanned += size
        if self.most_bytes and self.scanned > self.most_bytes:
            raise QueryCancelled("Bytes scanned limit was exceeded")

    def close(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _fetch(s3: Any, bucket: str, key: str, path: Path) -> Path:
    if ".." in key.split("/"):  # S3 takes every text as a key; this one would leave the folder.
        raise QueryFailed(f"s3://{bucket}/{key} cannot be read as a file")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    return path
