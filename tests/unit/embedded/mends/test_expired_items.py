"""Items that expire, held against MiniStack's own removal."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from ministack.core.responses import request_scope
from ministack.services import dynamodb

from embedded.mends import expired_items

SCOPE = ("444444444444", "us-east-1")
NAME = "expiring"


@pytest.fixture
def table(monkeypatch) -> dict[str, Any]:
    """A table with a stream and TTL on `at`."""
    for name in ("_remove_item", "_build_change_record"):
        monkeypatch.setattr(dynamodb, name, getattr(dynamodb, name))
    with request_scope(*SCOPE):
        dynamodb._create_table(
            {
                "TableName": NAME, "BillingMode": "PAY_PER_REQUEST",
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "OLD_IMAGE"},
            }
        )  # fmt: skip
        dynamodb._update_ttl(
            {"TableName": NAME, "TimeToLiveSpecification": {"AttributeName": "at", "Enabled": True}}
        )
        yield dynamodb._tables[NAME]
        dynamodb._delete_table({"TableName": NAME})


def _expire(table: dict[str, Any], at: dict[str, str]) -> list[Any]:
    """What the stream has after MiniStack's thread removed an item."""
    with request_scope(*SCOPE):
        dynamodb._put_item({"TableName": NAME, "Item": {"pk": {"S": "k"}, "at": at}})
        sort = next(iter(table["items"]["k"]))
        _as_reaper(lambda: dynamodb._remove_item(table, "k", sort))
        return [
            record for record in dynamodb._stream_records.get(NAME) or [] if record["eventName"] == "REMOVE"
        ]


def _as_reaper(act: Callable[[], Any]) -> None:
    thread = threading.Thread(target=act, name="dynamodb-ttl-reaper")
    thread.start()
    thread.join()


def test_ministack_leaves_no_record(table) -> None:
    """The deviation."""
    assert _expire(table, {"N": "1"}) == []


def test_an_expired_item_leaves_a_record(table) -> None:
    """By which a stream's reader tells expiry from deletion."""
    expired_items.install()
    (record,) = _expire(table, {"N": "1"})
    assert record["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert record["dynamodb"]["OldImage"]["pk"] == {"S": "k"}
    assert "k" not in table["items"]


def test_a_time_that_is_text_expires_nothing(table) -> None:
    """AWS looks at numbers only."""
    expired_items.install()
    assert _expire(table, {"S": "1"}) == []
    assert "k" in table["items"]
