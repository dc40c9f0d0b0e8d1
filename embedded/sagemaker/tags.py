"""Tags of models, endpoint configurations and endpoints."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from embedded.paging import page
from embedded.sagemaker.naming import CONFIG, ENDPOINT, MLFLOW, MODEL, TRANSFORM
from embedded.sagemaker.records import Record, Table
from embedded.sagemaker.refusals import invalid, not_found
from embedded.sagemaker.tables import Tables
from embedded.wire import ApiError, Caller, Operation

_PAGE = 50
_TOO_MANY = 50


def operations(tables: Tables) -> Mapping[str, Operation]:
    """AddTags, ListTags and DeleteTags."""
    return {
        "AddTags": _on(tables, _add),
        "ListTags": _on(tables, _list),
        "DeleteTags": _on(tables, _delete),
    }


def read_tags(tags: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Tags as a request lists them, by key."""
    if len({tag["Key"] for tag in tags}) != len(tags):
        raise invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    return {tag["Key"]: tag["Value"] for tag in tags}


def write_tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as an answer lists them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


Change = Callable[[Table[Any], Record, dict[str, Any]], dict[str, Any]]


def _on(tables: Tables, run: Change) -> Operation:
    def operation(params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        table, record = _find(tables, params["ResourceArn"])
        return run(table, record, params)

    return operation


def _find(tables: Tables, arn: str) -> tuple[Table[Any], Record]:
    kind, _, name = arn.partition(":")[2].rpartition(":")[2].partition("/")
    by_kind: dict[str, Table[Any]] = {
        MODEL: tables.models,
        CONFIG: tables.configs,
        ENDPOINT: tables.endpoints,
        TRANSFORM: tables.transforms,
        MLFLOW: tables.apps,
    }
    record = by_kind[kind].get(name) if kind in by_kind else None
    if record is None or record.arn != arn:
        raise not_found(kind.replace("-config", " configuration"), arn)
    return by_kind[kind], record


def _add(table: Table[Any], record: Record, params: dict[str, Any]) -> dict[str, Any]:
    tags = {**record.tags, **read_tags(params["Tags"])}
    if len(tags) > _TOO_MANY:
        raise ApiError("ResourceLimitExceeded", f"A resource has at most {_TOO_MANY} tags.")
    table.change(record.name, tags=tags)
    return {"Tags": write_tags(tags)}


def _list(_table: Table[Any], record: Record, params: dict[str, Any]) -> dict[str, Any]:
    size = params.get("MaxResults", _PAGE)
    tags, token = page(write_tags(record.tags), params.get("NextToken"), size, invalid=invalid)
    return {"Tags": tags, "NextToken": token.get("nextToken")}


def _delete(table: Table[Any], record: Record, params: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in record.tags.items() if key not in params["TagKeys"]}
    table.change(record.name, tags=kept)
    return {}
