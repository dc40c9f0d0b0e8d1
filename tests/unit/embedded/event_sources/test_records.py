"""What a function's answer means, and which records a filter lets through."""

from typing import Any

import pytest

from embedded.event_sources import filters, responses

REPORTING = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
ALL = {"a", "b"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (None, set()),
        ({}, set()),
        ({"batchItemFailures": []}, set()),
        ({"batchItemFailures": None}, set()),
        ({"batchItemFailures": [{"itemIdentifier": "a"}]}, {"a"}),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, ALL),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, ALL),
        ({"batchItemFailures": [{"id": "a"}]}, ALL),
        ({"batchItemFailures": [{"itemIdentifier": "unknown"}]}, ALL),
        ("text", ALL),
    ],
)
def test_an_answer_names_what_failed(body: Any, expected: set[str]) -> None:
    """The user guide's lists of complete success and complete failure."""
    assert responses.failed({"body": body}, ["a", "b"], REPORTING) == expected


def test_without_reporting_an_answer_means_nothing() -> None:
    """And an error means everything, either way."""
    body = {"batchItemFailures": [{"itemIdentifier": "a"}]}
    assert responses.failed({"body": body}, ["a"], {}) == set()
    assert responses.failed({"body": body, "error": True}, ["a", "b"], REPORTING) == ALL


@pytest.mark.parametrize(
    ("body", "pattern", "expected"),
    [
        ('{"a": 1}', '{"body": {"a": [1]}}', True),
        ('{"a": 2}', '{"body": {"a": [1]}}', False),
        ('{"a": 150}', '{"body": {"a": [{"numeric": [">", 100, "<=", 200]}]}}', True),
        ("text", '{"body": {"a": [1]}}', False),
        ("text", '{"body": ["text"]}', True),
        ('{"a": "xyz"}', '{"body": {"a": [{"wildcard": "x*z"}]}}', True),
        ('{"a": 1}', '{"$or": [{"body": {"a": [1]}}, {"body": {"b": [2]}}]}', True),
    ],
)
def test_a_filter_reads_the_body(body: str, pattern: str, expected: bool) -> None:
    """As JSON where its members are asked for; MiniStack knows neither wildcards nor $or in filters."""
    assert filters.matches({"body": body}, [pattern]) is expected
