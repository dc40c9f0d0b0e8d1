"""The ledger's table in DynamoDB: keys `pk` and `sk`, index `by_kind` with keys `kind` and `at`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from sluiceway.gateways.aws_errors import asking, error_code
from sluiceway.gateways.table import Condition, Item, Test

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INDEX = "by_kind"
_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


class DynamoTable:
    """A `Table` in DynamoDB."""

    def __init__(self, client: DynamoDBClient, name: str) -> None:
        self._client = client
        self._name = name

    def get(self, pk: str, sk: str) -> Item | None:
        """The item by a consistent read, or None."""
        with asking("DynamoDB", f"GetItem {pk}/{sk}"):
            answer = self._client.get_item(
                TableName=self._name, Key=_item({"pk": pk, "sk": sk}), ConsistentRead=True
            )
        return _plain(answer["Item"]) if "Item" in answer else None

    def put(self, item: Item) -> None:
        """Write the item, whatever was there."""
        with asking("DynamoDB", f"PutItem {item['pk']}/{item['sk']}"):
            self._client.put_item(TableName=self._name, Item=_item(item))

    def put_if(self, item: Item, when: Condition) -> bool:
        """Write the item when the condition holds of what is there; say whether it did."""
        names = _Names()
        condition = names.condition(when)
        return self._conditional(
            "put_item", Item=_item(item), ConditionExpression=condition, **names.as_parameters()
        )

    def change(self, pk: str, sk: str, *, values: Item, when: Condition) -> bool:
        """Set some attributes of an existing item when the condition holds; say whether it did."""
        names = _Names()
        update = "SET " + ", ".join(
            f"{names.name(name)} = {names.value(value)}" for name, value in values.items()
        )
        condition = f"attribute_exists({names.name('pk')}) AND ({names.condition(when)})"
        return self._conditional(
            "update_item",
            Key=_item({"pk": pk, "sk": sk}),
            UpdateExpression=update,
            ConditionExpression=condition,
            **names.as_parameters(),
        )

    def under(self, pk: str, prefix: str) -> list[Item]:
        """All items of a partition whose sort key starts with the prefix, by consistent reads."""
        values = {":pk": _value(pk), ":prefix": _value(prefix)}
        return list(
            self._query(
                KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
                ExpressionAttributeValues=values,
                ConsistentRead=True,
            )
        )

    def newest(
        self, kind: str, *, where: Mapping[str, str], limit: int | None, at: Test | None = None
    ) -> list[Item]:
        """Items of a kind whose attributes equal `where`, newest `at` first."""
        names = _Names()
        keys = [Test("kind", "=", kind), *([at] if at else [])]
        query: dict[str, Any] = {
            "IndexName": INDEX,
            "ScanIndexForward": False,
            "KeyConditionExpression": " AND ".join(names.condition((key,)) for key in keys),
        }
        if where:
            tests = [f"{names.name(name)} = {names.value(value)}" for name, value in where.items()]
            query["FilterExpression"] = " AND ".join(tests)
        elif limit is not None:
            query["Limit"] = limit
        found = self._query(**query, **names.as_parameters())
        return list(islice(found, limit))

    def _conditional(self, operation: str, **parameters: Any) -> bool:
        try:
            with asking("DynamoDB", f"{operation} on {self._name}"):
                getattr(self._client, operation)(TableName=self._name, **parameters)
        except ClientError as error:
            if error_code(error) == "ConditionalCheckFailedException":
                return False
            raise
        return True

    def _query(self, **parameters: Any) -> Iterator[Item]:
        """Page by page, on demand."""
        while True:
            with asking("DynamoDB", f"Query on {self._name}"):
                page = self._client.query(TableName=self._name, **parameters)
            yield from map(_plain, page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            parameters["ExclusiveStartKey"] = page["LastEvaluatedKey"]


class _Names:
    """Placeholders of one expression: attribute names may be reserved words (`status`, `at`, …)."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}

    def name(self, attribute: str) -> str:
        self._names[f"#{attribute}"] = attribute
        return f"#{attribute}"

    def value(self, value: Any) -> str:
        placeholder = f":v{len(self._values)}"
        self._values[placeholder] = _value(value)
        return placeholder

    def condition(self, when: Condition) -> str:
        return " OR ".join(
            f"attribute_not_exists({self.name(test.attribute)})"
            if test.operator == "absent"
            else f"{self.name(test.attribute)} {test.operator} {self.value(test.value)}"
            for test in when
        )

    def as_parameters(self) -> dict[str, Any]:
        parameters: dict[str, Any] = {"ExpressionAttributeNames": self._names}
        return parameters | ({"ExpressionAttributeValues": self._values} if self._values else {})


def _value(value: Any) -> Any:
    """DynamoDB takes no floats: numbers go through their decimal text."""
    return _serialize(json.loads(json.dumps(value), parse_float=Decimal))


def _item(item: Item) -> dict[str, Any]:
    return {name: _value(value) for name, value in item.items()}


def _plain(item: Mapping[str, Any]) -> Item:
    return {name: _without_decimals(_deserialize(value)) for name, value in item.items()}


def _without_decimals(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {name: _without_decimals(inner) for name, inner in value.items()}
    return [_without_decimals(inner) for inner in value] if isinstance(value, list) else value
