"""Webhooks: verified before anything of them is read, cut down to what is used, and put on a queue."""

import json
import sys
from typing import Any
from urllib.parse import urlencode

import pytest

from sluiceway.github.contracts import (
    CommentTold,
    Delivery,
    DispatchTold,
    PullRequestTold,
    PushTold,
    ReleaseTold,
)
from sluiceway.webhook import MAX_BODY_BYTES
from tests.fakes.github_world import payload
from tests.unit.github.requests import GUID, Door, as_body, request, signature

PUSH = as_body(payload("push"))


@pytest.mark.parametrize("encoded", [False, True])
def test_a_signed_push_is_put_on_the_queue(encoded: bool) -> None:
    """Only what is used of it: where GitHub says that a ref has moved."""
    door = Door()
    answer = door.knock(request(PUSH, encoded=encoded))
    ((delivery, _),) = door.queue.sent
    assert (answer.status, answer.outcome) == (202, "accepted")
    assert isinstance(delivery, Delivery)
    assert delivery.delivery_id == GUID
    assert isinstance(delivery.told, PushTold)
    assert delivery.told.ref == "refs/heads/main"
    assert len(delivery.model_dump_json()) < 500


@pytest.mark.parametrize(
    ("event", "name", "told"),
    [
        ("pull_request", "pull_request_opened", PullRequestTold(action="opened", number=2)),
        ("release", "release_published", ReleaseTold(action="published", release_id=17372790, tag="v0.0.1")),
        (
            "workflow_dispatch",
            "workflow_dispatch",
            DispatchTold(
                name=".github/workflows/sluiceway.yml",
                ref="refs/heads/main",
                inputs={"project": "flight-delay", "parameters": "depth=4"},
            ),
        ),
        (
            "repository_dispatch",
            "repository_dispatch",
            DispatchTold(
                name="sluiceway-run",
                ref="refs/heads/main",
                inputs={"project": "flight-delay", "parameters": "depth=4", "force": "true"},
            ),
        ),
        (
            "issue_comment",
            "comment_on_a_pull_request",
            CommentTold(
                comment_id=492700400,
                number=2,
                pull_request=True,
                author="Codertocat",
                line="/sluice run flight-delay --param depth=4",
            ),
        ),
    ],
)
def test_each_event_is_read_as_documented(event: str, name: str, told: Any) -> None:
    """Payloads are those of GitHub's documentation."""
    door = Door()
    assert door.knock(request(as_body(payload(name)), event=event)).status == 202
    assert [delivery.told for delivery, _ in door.queue.sent if isinstance(delivery, Delivery)] == [told]


def test_a_form_is_taken_too() -> None:
    """It is what GitHub sends where nobody chose a content type; its signature is over the form."""
    body = urlencode({"payload": PUSH.decode()}).encode()
    door = Door()
    assert door.knock(request(body, content_type="application/x-www-form-urlencoded")).status == 202
    assert len(door.queue.sent) == 1


def test_a_ping_is_answered() -> None:
    """GitHub sends one when a webhook is made."""
    door = Door()
    assert door.knock(request(as_body(payload("ping")), event="ping")).status == 200
    assert door.queue.sent == []


@pytest.mark.parametrize(
    ("event", "body"),
    [
        ("star", payload("star_created")),
        ("never_heard_of", {}),
        ("issue_comment", payload("comment_on_an_issue", action="edited")),
        ("issue_comment", payload("comment_on_an_issue", comment={"id": 1, "body": "nice /sluice"})),
        ("issue_comment", payload("comment_on_an_issue", comment={"id": 1, "body": "/sluiceway run"})),
        ("issue_comment", payload("comment_on_an_issue", comment={"id": 1, "body": None})),
    ],
)
def test_what_nothing_follows_from_is_ignored_with_a_reason(event: str, body: Any) -> None:
    """GitHub would show anything but 2xx as a failure of ours."""
    door = Door()
    answer = door.knock(request(as_body(body), event=event))
    assert (answer.status, answer.outcome) == (202, "ignored")
    assert answer.reason
    assert door.queue.sent == []


@pytest.mark.parametrize(
    "changes",
    [
        {"x_hub_signature_256": None},
        {"x_hub_signature_256": ""},
        {"x_hub_signature_256": "sha256="},
        {"x_hub_signature_256": signature(PUSH, b"another secret")},
        {"x_hub_signature_256": signature(PUSH + b" ")},
        {"x_hub_signature_256": signature(PUSH).upper()},
        {"x_hub_signature_256": signature(PUSH).removeprefix("sha256=")},
        {"x_hub_signature_256": f" {signature(PUSH)}"},
        {"x_hub_signature_256": f"{signature(PUSH)}\n"},
        {"x_hub_signature_256": f"{signature(PUSH)},{signature(PUSH)}"},
        {"x_hub_signature_256": "sha256=" + "é" * 64},
        {"x_hub_signature_256": "sha256=" + "٣" * 64},
        {"x_hub_signature_256": "sha256=" + "a" * 100_000},
    ],
)
def test_a_forged_or_missing_signature_is_refused(changes: dict[str, Any]) -> None:
    """The older SHA-1 signature, which is right here, does not count."""
    door = Door()
    assert door.knock(request(PUSH, **changes)).status == 401
    assert door.queue.sent == []


def test_nothing_is_parsed_before_the_signature_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parser is the last thing that a stranger should reach."""
    monkeypatch.setattr("sluiceway.github.receive_webhook._payload", lambda _: pytest.fail("parsed"))
    assert Door().knock(request(b"{", x_hub_signature_256=None)).status == 401


BAD_JSON = {
    "nothing": b"",
    "no JSON": b"{",
    "two documents": b"{}{}",
    "no object": b"[]",
    "a text": b'"push"',
    "a number that is none": b'{"ref": NaN}',
    "infinity": b'{"ref": -Infinity}',
    "the same name twice": b'{"ref": "a", "ref": "b"}',
    "the same name twice, deep": b'{"a": [{"b": 1, "b": 2}]}',
    "too deep": b'{"a":' * 100 + b"1" + b"}" * 100,
    "far too deep": b"[" * 200_000,
    "too deep for a parser": b'{"a":' * sys.getrecursionlimit() + b"1" + b"}" * sys.getrecursionlimit(),
    "no UTF-8": b'{"ref": "\xff"}',
    "UTF-16": '{"ref": "a"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "a huge number": b'{"number": ' + b"9" * 10_000 + b"}",
    "nothing that is needed": b"{}",
}


@pytest.mark.parametrize("body", BAD_JSON.values(), ids=BAD_JSON.keys())
def test_json_that_is_not_what_was_promised_is_refused(body: bytes) -> None:
    """Also when it is signed: 400, and never an error of ours."""
    door = Door()
    assert door.knock(request(body, encoded=True)).status == 400
    assert door.queue.sent == []


@pytest.mark.parametrize(
    "changes",
    [
        {"ref": None},
        {"ref": 7},
        {"ref": "x" * 2000},
        {"ref": "\ud800"},
        {"ref": "refs/heads/\uffff"},
        {"before": "not a sha"},
        {"after": "A" * 40},
        {"repository": None},
        {"repository": {"full_name": "../x"}},
        {"repository": {"full_name": "octo-org/.."}},
        {"repository": {"full_name": "octo-org/a/b"}},
        {"repository": {"full_name": "octo-org/a\n"}},
        {"repository": {"full_name": "$(id)/x"}},
        {"sender": {"login": "x" * 1000}},
    ],
)
def test_a_payload_that_is_not_as_documented_is_refused(changes: dict[str, Any]) -> None:
    """The answer names fields, and repeats nothing of what they hold."""
    door = Door()
    answer = door.knock(request(as_body(payload("push") | changes)))
    assert answer.status == 400
    assert len(answer.reason) < 400
    assert door.queue.sent == []


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"content_type": None}, 415),
        ({"content_type": "text/plain"}, 415),
        ({"content_type": "application/jsonp"}, 415),
        ({"content_type": "Application/JSON; charset=utf-8"}, 202),
        ({"x_github_event": None}, 400),
        ({"x_github_event": "push\r\nx"}, 400),
        ({"x_github_event": "p" * 100}, 400),
        ({"x_github_delivery": None}, 400),
        ({"x_github_delivery": "../../x"}, 400),
        ({"x_github_delivery": "x" * 65}, 400),
    ],
)
def test_headers_that_do_not_fit_are_refused(changes: dict[str, Any], status: int) -> None:
    """With the status that says what is wrong."""
    assert Door().knock(request(PUSH, **changes)).status == status


@pytest.mark.parametrize(
    "body", [b"payload=%7B%7D&payload=%7B%7D", b"pay=1", b"", b"payload=%FF", b"\xff", b"a" * 9000]
)
def test_a_form_that_is_not_as_documented_is_refused(body: bytes) -> None:
    """It has one field, `payload`."""
    event = request(body, encoded=True, content_type="application/x-www-form-urlencoded")
    assert Door().knock(event).status == 400


def test_other_methods_and_paths_are_refused() -> None:
    """Browsers and scanners come by, too."""
    event = request(PUSH)
    get = event | {"requestContext": {"http": {"method": "GET"}}}
    assert Door().knock(get).status == 405
    for path in ("/", "/../github", "/github/x", "/admin", ""):
        assert Door().knock(event | {"rawPath": path}).status == 404
    assert Door().knock(event | {"rawPath": "/github/"}).status == 202


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"requestContext": None},
        {"requestContext": {}},
        {"requestContext": {"http": {"method": "POST"}}},
        request(PUSH) | {"body": {}, "headers": None},
        request(PUSH) | {"body": {"ref": "x"}},
    ],
)
def test_an_event_without_what_it_should_have_is_refused(event: dict[str, Any]) -> None:
    """Whoever calls the function by another way than its URL."""
    assert 400 <= Door().knock(event).status < 500


def test_a_body_that_is_too_large_is_refused_unread() -> None:
    """Lambda takes 6 MB, GitHub would send 25."""
    for size in (MAX_BODY_BYTES + 1, 25_000_000):
        assert Door().knock(request(b"a" * size, encoded=True)).status == 413
    assert Door().knock(request(PUSH) | {"body": "%%%", "isBase64Encoded": True}).status == 400
    assert Door().knock(request(PUSH) | {"body": "\ud800"}).status == 400


def test_the_answer_is_small_and_says_what_became_of_it() -> None:
    """GitHub shows it beside the delivery."""
    response = Door().knock(request(PUSH)).as_response()
    assert response["statusCode"] == 202
    assert json.loads(response["body"]) == {"outcome": "accepted"}
    assert response["headers"]["content-type"] == "application/json"
