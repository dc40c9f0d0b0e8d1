"""What a request to DynamoDB is about, as policies may ask."""

from typing import Any

import pytest

from embedded import item_keys


def keys(request: dict[str, Any]) -> dict[str, Any]:
    return item_keys.of(request, lambda _table, index: "owner" if index else "pk")


@pytest.mark.parametrize(
    "request_",
    [
        {"Key": {"pk": {"S": "a"}, "sk": {"S": "z"}}},
        {"Item": {"pk": {"S": "a"}, "x": {"N": "1"}}},
        {"KeyConditionExpression": "pk = :p AND sk > :s", "ExpressionAttributeValues": {":p": {"S": "a"}}},
        {
            "KeyConditionExpression": "#k=:p",
            "ExpressionAttributeNames": {"#k": "pk"},
            "ExpressionAttributeValues": {":p": {"S": "a"}},
        },
        {"RequestItems": {"t": {"Keys": [{"pk": {"S": "a"}}]}}},
        {"RequestItems": {"t": [{"PutRequest": {"Item": {"pk": {"S": "a"}}}}]}},
        {"TransactItems": [{"Update": {"TableName": "t", "Key": {"pk": {"S": "a"}}}}]},
    ],
)
def test_leading_keys_are_the_values_of_the_partition_key(request_: dict[str, Any]) -> None:
    """Wherever the operation holds them."""
    assert keys(request_)["dynamodb:LeadingKeys"] == ["a"]


def test_an_index_has_a_partition_key_of_its_own() -> None:
    """A query of it is judged by that."""
    request = {
        "IndexName": "i",
        "KeyConditionExpression": "owner = :o",
        "ExpressionAttributeValues": {":o": {"S": "me"}},
    }
    assert keys(request)["dynamodb:LeadingKeys"] == ["me"]


def test_a_scan_has_no_leading_keys() -> None:
    """So a policy that demands some does not allow it."""
    assert "dynamodb:LeadingKeys" not in keys({"TableName": "t"})


def test_attributes_are_those_that_a_request_names() -> None:
    """At the top level, placeholders resolved; no values and no functions."""
    request = {
        "Key": {"pk": {"S": "a"}},
        "UpdateExpression": "SET #s = if_not_exists(#s, :zero), address.city = :c REMOVE old",
        "ConditionExpression": "attribute_exists(pk) AND size(tags) < :n",
        "ExpressionAttributeNames": {"#s": "status"},
    }
    assert keys(request)["dynamodb:Attributes"] == ["address", "old", "pk", "status", "tags"]


def test_what_is_returned_is_a_key_of_its_own() -> None:
    """`dynamodb:ReturnValues` and its like, as the request says them."""
    assert keys({"ReturnValues": "ALL_OLD"})["dynamodb:ReturnValues"] == "ALL_OLD"
