"""IAM is asked about a schedule in its group, as AWS names it."""

import json

import pytest

from embedded.mends.schedule_arns import resource

PREFIX = "arn:aws:scheduler:us-east-1:000000000000"
FOUND = f"{PREFIX}:schedule/default/nightly"


@pytest.mark.parametrize(
    ("path", "body", "query", "group"),
    [
        ("/schedules/nightly", b'{"GroupName": "own"}', {}, "own"),
        ("/schedules/nightly", b"", {"groupName": ["own"]}, "own"),
        ("/schedules/nightly?groupName=own", b"", None, "own"),
        ("/schedules/nightly", b"{}", {}, "default"),
        ("/schedules/nightly", b"no JSON", {}, "default"),
        ("/schedules/nightly", json.dumps([1]).encode(), {}, "default"),
    ],
)
def test_the_group_is_in_the_body_of_a_write_and_in_the_query_of_a_read(
    path: str, body: bytes, query: object, group: str
) -> None:
    """Without one it is the default group."""
    assert resource(FOUND, path, body, query) == f"{PREFIX}:schedule/{group}/nightly"


def test_other_resources_stay_as_they_are() -> None:
    """Groups, and lists, which have no resource."""
    for arn in ("*", f"{PREFIX}:schedule-group/default"):
        assert resource(arn, "/schedule-groups/default", b"", {"groupName": ["own"]}) == arn
