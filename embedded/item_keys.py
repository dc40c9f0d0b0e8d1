"""The condition keys of requests to DynamoDB: which items and which attributes a request names.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Request = Mapping[str, Any]
# The name of the partition key of a table, or of an index of it; empty where there is none.
PartitionKey = Callable[[str, str], str]

_EQUALS = r"{name}\s*=\s*(:\w+)"
_NAME = re.compile(r"#?[A-Za-z_][\w.-]*")
_KEYWORDS = frozenset(
    "SET REMOVE ADD DELETE AND OR NOT IN BETWEEN if_not_exists list_append attribute_exists "
    "attribute_not_exists attribute_type begins_with contains size".lower().split()
)
_EXPRESSIONS = ("ConditionExpression", "FilterExpression", "KeyConditionExpression", "ProjectionExpression")
_PLAIN = ("ReturnValues", "ReturnConsumedCapacity", "Select")


def of(request: Request, partition_key: PartitionKey) -> dict[str, Any]:
    """`dynamodb:LeadingKeys`, `dynamodb:Attributes` and their like, for those that a request has."""
    parts = list(_parts(request))
    leading = [value for part in parts for value in _leading(part, partition_key)]
    attributes = {name for part in parts for name in _attributes(part)}
    plain = {f"dynamodb:{name}": request[name] for name in _PLAIN if isinstance(request.get(name), str)}
    lists = {"dynamodb:LeadingKeys": leading, "dynamodb:Attributes": sorted(attributes)}
    return plain | {name: list(dict.fromkeys(values)) for name, values in lists.items() if values}


def _parts(request: Request) -> Iterator[Request]:
    """The request itself, or each of those that it gathers, with its table."""
    yield request
    for table, asked in (request.get("RequestItems") or {}).items():
        if isinstance(asked, Mapping):
            shared = {key: value for key, value in asked.items() if key != "Keys"}
            yield from (shared | {"TableName": table, "Key": key} for key in asked.get("Keys", []))
        else:
            yield from ({"TableName": table, **inner} for each in asked for inner in each.values())
    for item in request.get("TransactItems") or []:
        yield from item.values()


def _leading(part: Request, partition_key: PartitionKey) -> Iterator[str]:
    name = partition_key(str(part.get("TableName", "")), str(part.get("IndexName", "")))
    if not name:
        return
    for holder in (part.get("Key") or {}, part.get("Item") or {}):
        if name in holder:
            yield _text(holder[name])
    yield from _compared(part, name)


def _compared(part: Request, name: str) -> Iterator[str]:
    """What a query's condition says that the partition key equals."""
    aliases = [alias for alias, real in (part.get("ExpressionAttributeNames") or {}).items() if real == name]
    for alias in (*aliases, name):
        pattern = rf"(?<![\w#]){_EQUALS.format(name=re.escape(alias))}"
        for found in re.finditer(pattern, str(part.get("KeyConditionExpression") or "")):
            yield _text((part.get("ExpressionAttributeValues") or {}).get(found[1], {}))


def _text(value: Any) -> str:
    return str(next(iter(value.values()), "")) if isinstance(value, Mapping) else str(value)


def _attributes(part: Request) -> Iterator[str]:
    names = part.get("ExpressionAttributeNames") or {}
    yield from part.get("Key") or {}
    yield from part.get("Item") or {}
    yield from part.get("AttributesToGet") or []
    for expression in (*_EXPRESSIONS, "UpdateExpression"):
        text = re.sub(r":\w+", "", str(part.get(expression) or ""))
        for found in _NAME.findall(text):
            head = found.partition(".")[0]
            if head.lower() not in _KEYWORDS:
                yield str(names.get(head, head))
