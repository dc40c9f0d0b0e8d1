"""A mapping reads its source under its function's role, which must be able to when the mapping is made.

MiniStack asks nobody. AWS refuses the mapping, and reads nothing while the role may not:
https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
"""

import logging
import time
from collections.abc import Iterator, Mapping
from typing import Any

from embedded import mapping_permissions

logger = logging.getLogger(__name__)

_TYPE = "AWS::Lambda::EventSourceMapping"
# A mapping is looked at many times a second; its role is asked that often only.
_ASK_SECONDS = 5.0


def install() -> None:
    """Ask when a mapping is made, and before its source is read."""
    from ministack.services import lambda_svc
    from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

    lambda_svc._create_esm = _refusing(lambda_svc._create_esm)
    lambda_svc._iter_all_esms = _Readable(lambda_svc._iter_all_esms)
    handlers = _RESOURCE_HANDLERS[_TYPE]
    handlers["create"] = _failing(handlers["create"])


def _refusing(create: Any) -> Any:
    def created(request: Mapping[str, Any]) -> Any:
        from ministack.core.responses import error_response_json

        reason = _unreadable(request)
        return error_response_json("InvalidParameterValueException", reason) if reason else create(request)

    return created


def _failing(create: Any) -> Any:
    """CloudFormation does not use the API of MiniStack's Lambda."""

    def created(logical_id: str, properties: Mapping[str, Any], stack_name: str) -> Any:
        reason = _unreadable(properties)
        if reason:
            raise ValueError(
                f'Resource handler returned message: "{reason}" (HandlerErrorCode: InvalidRequest)'
            )
        return create(logical_id, properties, stack_name)

    return created


def _unreadable(request: Mapping[str, Any]) -> str | None:
    source = str(request.get("EventSourceArn", ""))
    role_arn = _role_of(str(request.get("FunctionName", "")))
    denied = mapping_permissions.missing(role_arn, source) if role_arn else None
    return mapping_permissions.explain(denied, source) if denied else None


def _role_of(function: str) -> str:
    from ministack.services import lambda_svc

    found = lambda_svc._get_func_record_for_ref(function)[1] if function else None
    return str((found or {}).get("Role", ""))


class _Readable:
    """The mappings that have something to read and may read it."""

    def __init__(self, every: Any) -> None:
        self._every = every
        self._asked: dict[str, tuple[float, bool]] = {}

    def __call__(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """What MiniStack's pollers go through: account, region and mapping."""
        from ministack.core.responses import request_scope

        for account, region, mapping in self._every():
            with request_scope(account, region):
                readable = not _has_work(mapping) or self._may_read(mapping)
            if readable:
                yield account, region, mapping

    def _may_read(self, mapping: dict[str, Any]) -> bool:
        at, readable = self._asked.get(mapping["UUID"], (0.0, True))
        if time.monotonic() - at < _ASK_SECONDS:
            return readable
        denied = mapping_permissions.missing(_role_of(mapping["FunctionName"]), mapping["EventSourceArn"])
        self._asked[mapping["UUID"]] = (time.monotonic(), denied is None)
        if denied:
            logger.warning("%s: %s", mapping["FunctionName"], denied)
            mapping["LastProcessingResult"] = f"PROBLEM: {denied}"
        return denied is None


def _has_work(mapping: Mapping[str, Any]) -> bool:
    """False where nothing can have come since: nobody is asked then."""
    from ministack.services import sqs

    source = str(mapping.get("EventSourceArn", ""))
    if not mapping.get("Enabled", True) or not mapping_permissions.needed(source):
        return False
    queue = sqs._queue_by_arn(source) if ":sqs:" in source else None
    return bool(queue["messages"]) if queue else ":sqs:" not in source
