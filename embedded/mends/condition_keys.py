"""Condition keys that MiniStack never fills in: which namespace, items and attributes a request is about.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html and
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from embedded import item_keys

_PUT_METRICS = "cloudwatch:PutMetricData"


def install() -> None:
    """Fill them in."""
    from ministack.core import iam_actions

    tags, items = iam_actions.request_tag_context, iam_actions.dynamodb_service_context

    def request_tag_context(service: str, action: str, body: bytes, params: Any) -> dict[str, Any]:
        found: dict[str, Any] = tags(service, action, body, params)
        return found | ({"cloudwatch:namespace": namespace(body, params)} if action == _PUT_METRICS else {})

    def dynamodb_service_context(body: bytes) -> dict[str, Any]:
        found: dict[str, Any] = items(body)
        return found | item_keys.of(_json(body), _partition_key)

    iam_actions.request_tag_context = request_tag_context
    iam_actions.dynamodb_service_context = dynamodb_service_context


def namespace(body: bytes, params: Mapping[str, Any]) -> str:
    """The namespace of metrics that are put, as JSON or as a form: MiniStack reads no CBOR here."""
    if body[:1] == b"{":
        return str(_json(body).get("Namespace", ""))
    value = (parse_qs(body.decode("utf-8", "replace")) | dict(params)).get("Namespace", "")
    return str(value[0] if isinstance(value, list) else value)


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _partition_key(table_name: str, index_name: str) -> str:
    from ministack.services import dynamodb

    table = dynamodb._tables.get(table_name.rpartition("/")[2]) or {}
    indexes = (table.get("GlobalSecondaryIndexes") or []) + (table.get("LocalSecondaryIndexes") or [])
    index = next((each for each in indexes if each.get("IndexName") == index_name), None)
    schema = (index or table).get("KeySchema") or []
    return next((str(each["AttributeName"]) for each in schema if each["KeyType"] == "HASH"), "")
