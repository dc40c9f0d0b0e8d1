"""`query:` of a dataset in `sluice.yaml`: a dataset that is the result of a query in Athena."""

import re
from typing import Self

from pydantic import Field, model_validator

from sluiceway.contract import Contract
from sluiceway.names import RelativePath
from sluiceway.projects.schedule import Timing

LONGEST_SQL = 16_384
"""Bytes: a query travels in the state of its execution, which stays below 32 KiB. Athena takes 262,144."""
# Possessive, so that a million comments are skipped once and never tried in another way.
_READS = re.compile(
    r"(?:[\s(]|--[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)*+(?:select|with)\b", re.IGNORECASE | re.ASCII
)


class Query(Contract):
    """What Athena is asked. Exactly one of `sql` and `sql_file` is given."""

    sql: str | None = Field(default=None, description="a SELECT, or WITH … SELECT, in Athena's SQL")
    sql_file: RelativePath | None = Field(
        default=None, description="a file of the project that holds it, in place of sql"
    )
    database: str = Field(
        default="default",
        pattern=r"^[a-z0-9_][a-z0-9_-]{0,254}$",
        description="Glue database of the tables that the query names without one; the stage must allow it",
    )
    workgroup: str | None = Field(
        default=None,
        pattern=r"^[a-zA-Z0-9._-]{1,128}$",
        description="default: the stage's, which bounds what a query may scan; the stage must allow others",
    )
    ordered: bool = Field(
        default=False,
        description="keep the rows in the order of the result, which the query must then fix by ORDER BY; "
        "otherwise they are sorted by all columns, so that equal rows are equal data",
    )
    schedule: Timing | None = Field(
        default=None, description="when the query runs; without one, on `sluice data query NAME`"
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.sql is None) == (self.sql_file is None):
            raise ValueError("give exactly one of sql and sql_file")
        complaint = sql_complaint(self.sql) if self.sql is not None else None
        if complaint:
            raise ValueError(f"sql {complaint}")
        return self


def sql_complaint(sql: str) -> str | None:
    """What is wrong with a query at first sight; what it may read, Athena asks the stage's role."""
    size = len(sql.encode())
    if size > LONGEST_SQL:
        return f"has {size} bytes; the limit is {LONGEST_SQL}"
    if "\x00" in sql:
        return "holds a NUL character"
    if not _READS.match(sql):
        return "must begin with SELECT or WITH: a dataset is what a query reads"
    return None
