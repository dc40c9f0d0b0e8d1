"""Where results go: the workgroup has the last word, unless it leaves it to the client."""

from typing import Any

import pytest

from embedded.athena.submission import output_location

OWN = {"ResultConfiguration": {"OutputLocation": "s3://own/results"}}
GIVEN = {"ResultConfiguration": {"OutputLocation": "s3://given/"}}


@pytest.mark.parametrize(
    ("data", "settings", "location"),
    [
        (GIVEN, OWN, "s3://own/results/"),
        (GIVEN, OWN | {"EnforceWorkGroupConfiguration": False}, "s3://given/"),
        (GIVEN, OWN | {"EnforceWorkGroupConfiguration": "false"}, "s3://given/"),
        (GIVEN, {}, "s3://given/"),
        ({}, OWN | {"EnforceWorkGroupConfiguration": False}, "s3://own/results/"),
        ({}, {}, None),
    ],
)
def test_a_workgroup_insists_unless_told_not_to(
    data: dict[str, Any], settings: dict[str, Any], location: str | None
) -> None:
    """`EnforceWorkGroupConfiguration` is true by default."""
    assert output_location(data, settings) == location
