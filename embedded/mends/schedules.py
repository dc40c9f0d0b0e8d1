"""EventBridge Scheduler with time zones, placeholders, windows, retries and dead letters.

MiniStack reads every time zone as UTC, sends placeholders as they are, ignores windows, retry policies and
dead-letter queues, takes any target, looks every ten seconds, and cuts lists off without a token.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/what-is-scheduler.html
"""

import logging
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from embedded.api_error import ApiError
from embedded.cloud import Cloud
from embedded.paging import page
from embedded.schedules import validation
from embedded.schedules.caller import Caller
from embedded.schedules.engine import CONSIDERED, PENDING, Engine, World

logger = logging.getLogger(__name__)

_STEP_SECONDS = 1.0
_THREADS = 8
_ANY_DATE = 0.0
_TOKEN = "_ClientToken"  # noqa: S105 - AWS's word for what makes a request idempotent


def install(cloud: Cloud) -> None:
    """Check schedules when they are stored, and fire them by our own engine."""
    from ministack.services import scheduler

    for name in ("_create_schedule", "_update_schedule"):
        setattr(scheduler, name, _checked(scheduler, getattr(scheduler, name)))
    scheduler._get_schedule = _without_private(scheduler._get_schedule)
    scheduler._list_schedules = lambda query: _listed(scheduler, query)
    scheduler._list_schedule_groups = lambda query: _listed_groups(scheduler, query)
    scheduler.start_scheduler = lambda: start(_engine(cloud, scheduler))


def start(engine: Engine) -> None:
    """Step an engine for ever, on a thread of its own."""

    def run() -> None:
        while True:
            time.sleep(_STEP_SECONDS)
            try:
                engine.tick()
            except Exception:
                logger.exception("a step of the schedules broke off")

    threading.Thread(target=run, daemon=True, name="schedules").start()


def _engine(cloud: Cloud, scheduler: Any) -> Engine:
    from ministack.core.responses import request_scope
    from ministack.services import cloudwatch

    def count(record: Mapping[str, Any], metric: str) -> None:
        _, _, _, region, account, _ = record["Arn"].split(":", 5)
        with request_scope(account, region):
            cloudwatch.record_metric(
                "AWS/Scheduler", metric, 1, "Count", {"ScheduleGroup": record["GroupName"]}
            )

    def remove(record: Mapping[str, Any]) -> None:
        for key, found in list(scheduler._schedules._data.items()):
            if found is record:
                scheduler._schedules._data.pop(key, None)

    def records() -> Iterable[dict[str, Any]]:
        return list(scheduler._schedules._data.values())

    def save(record: dict[str, Any]) -> None:
        # Whoever writes the state down looks at what was set, unless the schedule is gone meanwhile.
        _, _, _, region, account, _ = record["Arn"].split(":", 5)
        key = (account, region, f"{record['GroupName']}/{record['Name']}")
        if scheduler._schedules._data.get(key) is record:
            scheduler._schedules._data[key] = record

    world = World(records, remove, save, Caller(cloud).call, count, clock=time.time)
    return Engine(world, ThreadPoolExecutor(_THREADS, thread_name_prefix="schedule"))


def _checked(scheduler: Any, store: Any) -> Any:
    def stored(name: str, body: dict[str, Any]) -> Any:
        reason = validation.reason(name, body)
        if reason:
            return scheduler._error(400, "ValidationException", reason)
        key, token = f"{body.get('GroupName', 'default')}/{name}", body.get("ClientToken")
        there = scheduler._schedules.get(key) or {}
        if token and there.get(_TOKEN) == token:
            return scheduler._json_resp(200, {"ScheduleArn": there["Arn"]})  # The answer was lost.
        answer = store(name, body)
        if answer[0] == 200:
            record = scheduler._schedules[key]
            record |= {CONSIDERED: _ANY_DATE, PENDING: [], _TOKEN: token}
        return answer

    return stored


def _without_private(get: Any) -> Any:
    from ministack.services import scheduler

    def got(name: str, query: Mapping[str, Any]) -> Any:
        record = scheduler._schedules.get(f"{query.get('groupName', 'default')}/{name}")
        if record is None:
            return get(name, query)
        shown = {key: value for key, value in record.items() if value is not None and key[0] != "_"}
        return scheduler._json_resp(200, shown)

    return got


def _listed(scheduler: Any, query: Mapping[str, Any]) -> Any:
    wanted = (("GroupName", query.get("ScheduleGroup")), ("State", query.get("State")))
    found = [
        {key: record[key] for key in _LISTED} | {"Target": {"Arn": record["Target"]["Arn"]}}
        for record in scheduler._schedules.values()
        if record["Name"].startswith(query.get("NamePrefix", ""))
        and all(value in (None, record[key]) for key, value in wanted)
    ]
    return _paged(scheduler, "Schedules", found, query)


def _listed_groups(scheduler: Any, query: Mapping[str, Any]) -> Any:
    scheduler._ensure_default_group()
    groups = scheduler._schedule_groups.values()
    found = [group for group in groups if group["Name"].startswith(query.get("NamePrefix", ""))]
    return _paged(scheduler, "ScheduleGroups", found, query)


def _paged(scheduler: Any, name: str, found: Sequence[Mapping[str, Any]], query: Mapping[str, Any]) -> Any:
    ordered = sorted(found, key=lambda record: str(record["Arn"]))
    size, token = int(query.get("MaxResults", 100)), query.get("NextToken")
    try:
        rows, more = page(ordered, token, size, invalid=_bad_token)
    except ApiError as error:
        return scheduler._error(400, "ValidationException", str(error))
    next_token = {"NextToken": more["nextToken"]} if more else {}
    return scheduler._json_resp(200, {name: rows} | next_token)


def _bad_token(message: str) -> ApiError:
    return ApiError("ValidationException", message)


_LISTED = ("Arn", "Name", "GroupName", "State", "CreationDate", "LastModificationDate")
