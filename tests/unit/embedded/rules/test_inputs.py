"""What a target gets of an event."""

import json
from typing import Any

import pytest

from embedded.rules import inputs, paths
from embedded.rules.inputs import Delivery

EVENT = {
    "version": "0", "id": "i", "detail-type": "d", "source": "s", "account": "000000000000",
    "time": "2026-01-01T00:00:00Z", "region": "us-east-1", "resources": ["a", "b"],
    "detail": {"name": 'a "b"', "number": 5, "empty": None, "list": [{"k": 1}, {"k": 2}]},
}  # fmt: skip
DELIVERY = Delivery(EVENT, "2026-01-01T00:00:01Z", "r", "arn:aws:events:us-east-1:000000000000:rule/r")


def _transformed(template: str, **named: str) -> str:
    transformer = {"InputTemplate": template, "InputPathsMap": named}
    inputs.check({"Id": "t", "InputTransformer": transformer})
    return inputs.payload({"InputTransformer": transformer}, DELIVERY)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{"a": <number>}', '{"a": 5}'),
        ('{"a": <text>}', '{"a": "d"}'),
        ('{"a": "<text>"}', '{"a": "d"}'),
        ('{"a": <detail>}', json.dumps({"a": EVENT["detail"]})),
        ('"it is <list>"', '"it is [{k: 1}, {k: 2}]"'),
        ('"number <number>, <text>"', '"number 5, d"'),
        ('"nothing: <missing>"', '"nothing: "'),
        ("plain <text> of <number>", "plain d of 5"),
        ('{"a": <empty>}', '{"a": null}'),
        ('["<text>", <position>, <every>]', '["d", "b", [1, 2]]'),
        ('{"a": <aws.events.rule-arn>}', f'{{"a": "{DELIVERY.rule_arn}"}}'),
        ('{"a": "<aws.events.rule-name>"}', '{"a": "r"}'),
        ('{"a": <aws.events.event.ingestion-time>}', '{"a": "2026-01-01T00:00:01Z"}'),
        ('{"a": <aws.events.event.json>}', json.dumps({"a": EVENT})),
    ],
)
def test_a_template_is_filled(template: str, expected: str) -> None:
    """Quotes come and go as AWS has it; the first and seventh are as recorded of it."""
    named = {
        "number": "$.detail.number", "text": "$.detail-type", "detail": "$.detail", "list": "$.detail.list",
        "missing": "$.detail.nothing", "empty": "$.detail.empty", "position": "$.resources[1]",
        "every": "$.detail.list[*].k",
    }  # fmt: skip
    assert _transformed(template, **named) == expected


def test_the_event_without_its_detail() -> None:
    """`<aws.events.event>` leaves the detail out, `<aws.events.event.json>` does not."""
    found = json.loads(_transformed("<aws.events.event>"))
    assert found == {key: value for key, value in EVENT.items() if key != "detail"}
    assert json.loads(_transformed("<aws.events.event.json>")) == EVENT


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({}, EVENT),
        ({"Input": '{"a": 1}'}, {"a": 1}),
        ({"InputPath": "$.detail.number"}, 5),
        ({"InputPath": "$['detail-type']"}, "d"),
        ({"InputPath": "$"}, EVENT),
    ],
)
def test_a_part_or_a_constant(target: dict[str, Any], expected: Any) -> None:
    """Without a template."""
    assert json.loads(inputs.payload(target, DELIVERY)) == expected


@pytest.mark.parametrize(
    "target",
    [
        {"Input": "{}", "InputPath": "$.detail"},
        {"InputPath": "detail"},
        {"InputPath": "$.detail[?(@.a)]"},
        {"InputTransformer": {"InputTemplate": "<unknown>"}},
        {"InputTransformer": {"InputTemplate": "<a>", "InputPathsMap": {"a": "$..b"}}},
        {"InputTransformer": {"InputTemplate": "<aws.x>", "InputPathsMap": {"aws.x": "$.id"}}},
    ],
)
def test_what_aws_refuses_is_refused(target: dict[str, Any]) -> None:
    """When the target is put, not when the event comes."""
    with pytest.raises(inputs.InvalidInput):
        inputs.check({"Id": "t"} | target)


@pytest.mark.parametrize("path", ["$.a.b", "$.a[1]", "$.detail.list.k", "$.detail.number.x"])
def test_a_path_that_leads_nowhere_says_so(path: str) -> None:
    """A missing name, a position that is none, a name in a list."""
    with pytest.raises(paths.Missing):
        paths.follow(path, EVENT)
