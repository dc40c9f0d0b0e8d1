"""What a dead letter says, whoever has sent it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluiceway.gateways.dead_letters import _letter
from sluiceway.triggers.dead_letters import read_letter
from tests.fakes.dead_letters import letter

EVENTS = Path(__file__).parents[2] / "events"


def test_lambdas_record_names_the_function_its_error_and_the_event() -> None:
    """What is sent on is the event, not the record around it."""
    told = read_letter(letter(body=(EVENTS / "invocation_record.json").read_text()), "triggers")
    assert told.target == "arn:aws:lambda:us-east-2:123456789012:function:request-runs:$LATEST"
    assert told.reason == "ServiceUnavailable: DynamoDB asked to try later"
    assert told.about == "CodePushed flight-delay"
    assert json.loads(told.payload)["detail"]["event_id"] == "upload-1"


def test_eventbridges_letter_names_target_and_error_in_its_attributes() -> None:
    """The body is the event as the target would have got it."""
    message = json.loads((EVENTS / "rule_dead_letter.json").read_text())
    told = read_letter(_letter(message), "pipeline")
    assert told.target == "arn:aws:lambda:us-east-2:123456789012:function:fail-run"
    expected = "NO_PERMISSIONS after 185 retries: events.amazonaws.com may not invoke the function"
    assert (told.reason, told.payload) == (expected, message["Body"])
    assert told.about.endswith("Status Change flight-delay-0123456789ab")


def test_a_message_of_a_queue_is_what_it_was() -> None:
    """SQS says nothing of why."""
    body = json.dumps({"detail-type": "Object Created", "detail": {"object": {"key": "code/a/b.zip"}}})
    told = read_letter(letter(body=body), "uploads")
    assert (told.target, told.payload, told.about) == (None, body, "Object Created code/a/b.zip")
    assert "failed each of 5 times" in told.reason


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "null",
        "no JSON",
        "[" * 100_000,
        '{"requestContext": 1, "requestPayload": 2}',
        '{"detail-type": {}, "detail": []}',
        '{"detail-type": "x", "detail": {"object": "y"}}',
    ],
)
def test_a_letter_may_hold_anything(body: str) -> None:
    """Whoever lists letters sees it, and can go on."""
    assert read_letter(letter(body=body), "triggers").queue == "triggers"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "requestContext",
                    "requestPayload",
                    "responsePayload",
                    "functionArn",
                    "detail",
                    "detail-type",
                    "errorType",
                    "object",
                    "key",
                ]
            )
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(
    json_values, st.dictionaries(st.sampled_from(["TARGET_ARN", "ERROR_CODE", "RETRY_ATTEMPTS"]), st.text())
)
def test_any_json_is_read(body: object, attributes: dict[str, str]) -> None:
    """No shape of a letter ends the listing."""
    read_letter(letter(body=json.dumps(body), **attributes), "triggers")
