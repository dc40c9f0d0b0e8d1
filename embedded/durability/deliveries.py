"""Events that were accepted and are not delivered yet: delivered after a kill, too, at least once.

MiniStack hands an asynchronous invocation of a function, and the notifications of an object, to a thread and
forgets them with the process. Lambda keeps an event until it is processed, S3 delivers at least once:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html

A notification is saved before its object is written, and delivered after: no object without it, and the other
way round none of an object that a kill kept from being there.
"""

import contextlib
import contextvars
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any
from uuid import uuid4

from embedded.durability.store import StateNotSaved
from embedded.durability.touched import WrittenDict

logger = logging.getLogger(__name__)

_open: contextvars.ContextVar["Opened | None"] = contextvars.ContextVar("delivery", default=None)


class Opened:
    """A delivery that is being handed over, until a thread has taken it."""

    def __init__(
        self, close: Callable[[], None], payload: dict[str, Any], wait: Callable[[], None] | None = None
    ) -> None:
        """`wait`: returns when it may be delivered."""
        self.close = close
        self.wait = wait
        self.is_taken = False
        self._payload = payload

    def take(self, settings: Mapping[str, Any]) -> None:
        """Note what the thread is started with: a notification's sequencer is made just before."""
        self.is_taken = True
        if "notified" in self._payload:
            self._payload["notified"] = list(settings.get("args", ()))[1:]
            self._payload["named"] = dict(settings.get("kwargs", {}))


class Deliveries:
    """What is on its way, by id; `pending` is saved with everything else."""

    def __init__(self) -> None:
        self.pending = WrittenDict()

    def keep(self, kind: str, payload: Mapping[str, Any]) -> str:
        """Put a delivery on record; its name, by which deliveries are in order."""
        name = f"{time.time_ns():020d}-{uuid4()}"
        self.pending[name] = {"kind": kind, "payload": payload}
        return name

    def forget(self, name: str) -> None:
        """Strike a delivery off: it is over."""
        self.pending.pop(name, None)

    @contextlib.contextmanager
    def opened(
        self, kind: str, payload: Mapping[str, Any], *, wait: Callable[[], None] | None = None
    ) -> Iterator[None]:
        """Keep a delivery until the thread that is started inside has ended; or else this block."""
        kept = dict(payload)
        opened = Opened(partial(self.forget, self.keep(kind, kept)), kept, wait)
        token = _open.set(opened)
        try:
            yield
        finally:
            _open.reset(token)
            if not opened.is_taken:
                opened.close()

    def take_up(self, kinds: Mapping[str, Callable[[Mapping[str, Any]], None]]) -> None:
        """Deliver again what an earlier server left."""
        for name, delivery in sorted(dict.items(self.pending)):
            try:
                kinds[delivery["kind"]](delivery["payload"])
            except Exception:
                logger.exception("What an earlier server had accepted cannot be delivered: %s", delivery)
            self.forget(name)


class Threads:
    """`threading`, as modules of MiniStack's see it: a thread closes the delivery it was started for."""

    def __getattr__(self, name: str) -> Any:
        return getattr(threading, name)

    def Thread(self, *arguments: Any, **named: Any) -> threading.Thread:  # noqa: N802 - threading's name
        """A thread."""
        opened = _open.get()
        if opened is None or opened.is_taken or "target" not in named:
            return threading.Thread(*arguments, **named)
        opened.take(named)
        named["target"] = partial(_run_and_close, named["target"], opened)
        return threading.Thread(*arguments, **named)


def _run_and_close(target: Callable[..., Any], opened: Opened, *arguments: Any, **named: Any) -> None:
    try:
        _wait(opened)
        target(*arguments, **named)
    finally:
        opened.close()


def _wait(opened: Opened) -> None:
    try:
        if opened.wait:
            opened.wait()
    except StateNotSaved as error:
        logger.warning("A delivery leaves although it is not saved: %s", error)


def install(
    deliveries: Deliveries, wait_until_saved: Callable[[], None]
) -> Mapping[str, Callable[[Mapping[str, Any]], None]]:
    """Keep asynchronous invocations and objects' notifications; returns how each kind is delivered again."""
    from ministack.services import lambda_svc, s3

    lambda_svc.threading = s3.threading = Threads()
    lambda_svc.invoke_async_with_retry = _kept_invocation(deliveries, lambda_svc.invoke_async_with_retry)
    s3._fire_s3_event_async = _kept_notification(deliveries, s3._fire_s3_event_async, wait_until_saved)
    return {"invocation": _invoke_again, "notification": _notify_again}


def _kept_invocation(deliveries: Deliveries, invoke: Callable[..., Any]) -> Callable[..., Any]:
    def invoke_async_with_retry(func: dict[str, Any], event: Any) -> None:
        config = func.get("config") or func
        payload = {"function": config["FunctionArn"], "version": config.get("Version"), "event": event}
        with deliveries.opened("invocation", payload):
            invoke(func, event)

    return invoke_async_with_retry


def _invoke_again(payload: Mapping[str, Any]) -> None:
    from ministack.core.responses import request_scope
    from ministack.services import lambda_svc

    region, account = str(payload["function"]).split(":")[3:5]
    with request_scope(account, region):
        function, config, name = lambda_svc._get_func_record_for_ref(_qualified(payload))
        if not function or not config:
            logger.warning("%s is gone: an event that it had accepted is dropped", name)
            return
        record = lambda_svc._execution_record_for_config(function, config)
        lambda_svc.invoke_async_with_retry(record, payload["event"])


def _qualified(payload: Mapping[str, Any]) -> str:
    arn, version = ":".join(str(payload["function"]).split(":")[:7]), payload["version"]
    return arn if version in (None, "", "$LATEST") else f"{arn}:{version}"


def _kept_notification(
    deliveries: Deliveries, fire: Callable[..., Any], wait_until_saved: Callable[[], None]
) -> Callable[..., Any]:
    from ministack.core.responses import get_account_id, get_region
    from ministack.services import s3

    def fire_s3_event_async(bucket_name: str, *arguments: Any, **named: Any) -> None:
        if bucket_name not in s3._bucket_notifications:
            return
        scope = {"account": get_account_id(), "region": get_region()}
        payload = {**scope, "notified": [], "named": {}}
        # The loop saves when it has written the object.
        with deliveries.opened("notification", payload, wait=wait_until_saved):
            fire(bucket_name, *arguments, **named)

    return fire_s3_event_async


def _notify_again(payload: Mapping[str, Any]) -> None:
    from ministack.core.responses import request_scope
    from ministack.services import s3

    with request_scope(payload["account"], payload["region"]):
        if not _was_written(s3, *payload["notified"][:3]):
            return
        # With the sequencer that it had: it must not seem later than what came after it.
        s3._fire_s3_event(*payload["notified"], **payload["named"])


def _was_written(s3: Any, bucket: str, key: str, event: str) -> bool:
    """Whether there is what is told of: a kill may have come before the object was written."""
    if not event.startswith("s3:ObjectCreated:"):
        return True
    return key in (s3._buckets.get(bucket) or {}).get("objects", {}) or (bucket, key) in s3._object_versions
