"""`data:` of `sluice.yaml`: the datasets of a project, and how each comes to its versions."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from sluiceway.contract import Contract
from sluiceway.names import Name
from sluiceway.projects.duration import Duration
from sluiceway.projects.query_settings import Query

SHORTEST_SETTLE, LONGEST_SETTLE = 15, 24 * 3600
"""seconds"""


class DatasetSettings(Contract):
    """What a project says of one of its datasets."""

    settle: Duration | None = Field(
        default=None,
        ge=SHORTEST_SETTLE,
        le=LONGEST_SETTLE,
        description="how long nothing must be uploaded until what is there is a version: 15s to 24h; "
        "default: the stage's. Where projects that share a dataset differ, the longest holds",
    )
    query: Query | None = Field(
        default=None, description="the dataset is the result of this query in Athena; nobody uploads it"
    )


def _by_name(value: object) -> object:
    """`[flights]` says the same as `{flights: {}}`."""
    if isinstance(value, str):
        raise ValueError(f"should be a list of datasets: [{value[:60]}], or a mapping")  # noqa: TRY004 - pydantic's
    if value is None or not isinstance(value, list):
        return value
    if len({str(name) for name in value}) != len(value):
        raise ValueError("a dataset is named twice")
    return {name if isinstance(name, str) else str(name): {} for name in value}


def _with_defaults(value: object) -> object:
    """`flights:` with nothing behind it is `flights: {}`."""
    found = _by_name(value)
    if not isinstance(found, dict):
        return found
    return {name: {} if settings is None else settings for name, settings in found.items()}


Datasets = Annotated[
    dict[Name, DatasetSettings],
    BeforeValidator(_with_defaults, json_schema_input_type=list[Name] | dict[Name, DatasetSettings | None]),
]
"""A list of names, or a mapping of names to settings."""
