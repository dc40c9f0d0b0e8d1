"""An item that expires leaves a record in its table's stream; only times that are numbers expire anything.

MiniStack removes it without a trace, also where the attribute is text.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
"""

import contextvars
import threading
from typing import Any

_REAPER = "dynamodb-ttl-reaper"
_SERVICE = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
_expiring: contextvars.ContextVar[bool] = contextvars.ContextVar("item_expires", default=False)


def install() -> None:
    """Tell the stream of what MiniStack's own thread removes."""
    from ministack.services import dynamodb

    remove, build = dynamodb._remove_item, dynamodb._build_change_record

    def remove_item(table: dict[str, Any], partition: Any, sort: Any) -> Any:
        if threading.current_thread().name != _REAPER:
            return remove(table, partition, sort)
        return expire(dynamodb, remove, table, partition, sort)

    def build_record(*arguments: Any, **named: Any) -> dict[str, Any]:
        record: dict[str, Any] = build(*arguments, **named)
        return record | {"userIdentity": dict(_SERVICE)} if _expiring.get() else record

    dynamodb._remove_item = remove_item
    dynamodb._build_change_record = build_record


def expire(dynamodb: Any, remove: Any, table: dict[str, Any], partition: Any, sort: Any) -> Any:
    """Remove an item whose time has come, as the service does."""
    from ministack.core.responses import request_scope

    item = table["items"][partition][sort]
    _, _, _, region, account, _ = table["TableArn"].split(":", 5)
    with request_scope(account, region):
        setting = dynamodb._ttl_settings.get(table["TableName"]) or {}
        if "N" not in (item.get(setting.get("AttributeName", "")) or {}):
            return None
        removed = remove(table, partition, sort)
        token = _expiring.set(True)
        try:
            dynamodb._emit_stream_event(table["TableName"], "REMOVE", item, None)
        finally:
            _expiring.reset(token)
    return removed
