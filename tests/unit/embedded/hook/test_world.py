"""What MiniStack's own tables say of a request."""

from typing import Any

import pytest
from ministack.core import iam_actions

from embedded.hook.operations import Catalog
from embedded.hook.request import HttpCall
from embedded.hook.world import MiniStackWorld, catalog
from tests.unit.embedded.hook.wire import sent


def test_a_request_is_known_by_service_and_resource() -> None:
    """As MiniStack's router and its IAM see it."""
    world, call = (
        MiniStackWorld(),
        sent("dynamodb", "list_tags_of_resource", ResourceArn="arn:aws:dynamodb:x"),
    )
    assert world.service(call) == "dynamodb"
    put = sent("dynamodb", "put_item", TableName="ledger", Item={})
    assert [arn.rpartition(":")[2] for arn in world.resources("dynamodb", put)] == ["table/ledger"]


def test_a_request_whose_resources_cannot_be_told_names_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a service of ours makes of a broken request must not keep it from the record."""

    def stumble(*_: Any) -> str:
        raise KeyError("jobQueue")

    monkeypatch.setattr(iam_actions, "extract_resource_arn", stumble)
    call = HttpCall("POST", "/v1/submitjob", {}, b'["no object"]')
    assert MiniStackWorld().resources("batch", call) == ()


def test_services_go_by_the_names_of_policies() -> None:
    """MiniStack's `monitoring` is `cloudwatch` in a policy."""
    assert catalog().prefix("monitoring") == "cloudwatch"
    assert Catalog().prefix("states") == "states"


def test_who_signed_nothing_is_nobody() -> None:
    """And who has a key that nobody has."""
    assert MiniStackWorld().principal({}, {}) == ""
    headers = {
        "authorization": "AWS4-HMAC-SHA256 Credential=AKIAUNKNOWN000000000/20260101/us-east-1/sqs/aws4"
    }
    assert MiniStackWorld().principal(headers, {}) == ""
