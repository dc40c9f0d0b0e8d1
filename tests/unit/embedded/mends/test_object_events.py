"""S3's events, held against MiniStack's own."""

import json
from typing import Any

import pytest
from ministack.core.responses import request_scope
from ministack.services import eventbridge, s3

from embedded.mends import object_events

NOTIFIED = "<NotificationConfiguration><EventBridgeConfiguration/></NotificationConfiguration>"


@pytest.fixture
def told(monkeypatch) -> list[Any]:
    """The events that reach the bus."""
    told: list[Any] = []
    monkeypatch.setattr(eventbridge, "_dispatch_event", lambda event, view=None: told.append(event))
    monkeypatch.setattr(s3, "_fire_s3_event", s3._fire_s3_event)
    return told


def _fire(name: str, **named: Any) -> None:
    with request_scope("222222222222", "us-east-1"):
        s3._bucket_notifications["b"] = NOTIFIED
        s3._fire_s3_event("b", "k", name, 5, '"e"', **named)


def test_ministack_leaves_the_version_out(told: list[Any]) -> None:
    """The deviation."""
    _fire("s3:ObjectCreated:Put", version_id="v1", sequencer="01")
    assert "version-id" not in json.loads(told[0]["Detail"])["object"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("s3:ObjectCreated:Put", "PutObject"),
        ("s3:ObjectCreated:Copy", "CopyObject"),
        ("s3:ObjectCreated:CompleteMultipartUpload", "CompleteMultipartUpload"),
    ],
)
def test_a_created_object_has_its_version(told: list[Any], name: str, reason: str) -> None:
    """Key, size, etag, version-id and sequencer, and how it was made."""
    object_events.install()
    _fire(name, version_id="v1", sequencer="01")
    detail = json.loads(told[0]["Detail"])
    assert detail["object"] == {"key": "k", "version-id": "v1", "size": 5, "etag": "e", "sequencer": "01"}
    assert (detail["reason"], detail["requester"], detail["version"]) == (reason, "222222222222", "0")
    assert isinstance(told[0]["Time"], int)


def test_a_bucket_without_versions_has_none(told: list[Any]) -> None:
    """And the version of one event never shows in the next."""
    object_events.install()
    _fire("s3:ObjectCreated:Put", version_id="v1", sequencer="01")
    _fire("s3:ObjectCreated:Put", sequencer="02")
    assert "version-id" not in json.loads(told[1]["Detail"])["object"]


def test_a_deletion_has_no_size(told: list[Any]) -> None:
    """The marker's version, and the kind of deletion."""
    object_events.install()
    _fire(
        "s3:ObjectRemoved:DeleteMarkerCreated", deletion_type="Delete Marker Created",
        version_id="m1", sequencer="03",
    )  # fmt: skip
    detail = json.loads(told[0]["Detail"])
    assert (detail["deletion-type"], detail["reason"]) == ("Delete Marker Created", "DeleteObject")
    assert detail["object"] == {"key": "k", "version-id": "m1", "etag": "e", "sequencer": "03"}
