"""Puts Step Functions into the embedded cloud, in place of MiniStack's."""

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from embedded import service_events
from embedded.cloud import Cloud
from embedded.readiness import when_listening
from embedded.stepfunctions import takeover
from embedded.stepfunctions.clock import RealClock
from embedded.stepfunctions.engine import Engine
from embedded.stepfunctions.integrations.activities import ActivityBoard
from embedded.stepfunctions.integrations.runner import CloudTasks
from embedded.stepfunctions.service.cloudformation import Types
from embedded.stepfunctions.service.iam import resources_of
from embedded.stepfunctions.service.log_streams import LogStreams
from embedded.stepfunctions.service.metrics import Metric
from embedded.stepfunctions.service.notices import Notices, Outlets
from embedded.stepfunctions.service.service import StepFunctions, Surroundings
from embedded.stepfunctions.service.starting import KEPT_SECONDS
from embedded.stepfunctions.sqlite_store import SqliteStore
from embedded.wire import Answer, JsonService

_THREADS, _POLLS = 64, 256


def install(cloud: Cloud) -> None:
    """Serve its API, its types in CloudFormation, and all executions, those of an earlier server too."""
    store = SqliteStore(cloud.state_dir / "stepfunctions" / "states.sqlite")
    store.forget(stopped_before=time.time() - KEPT_SECONDS)
    board = ActivityBoard()
    tasks = CloudTasks(cloud, cloud.integrations, board)
    engine = Engine(store=store, tasks=tasks, clock=RealClock())
    around = Surroundings(
        place=cloud,
        log_group_exists=partial(_log_group_exists, cloud),
        serves=tasks.table.serves,
        tasks=tasks,
    )
    states = StepFunctions(around, store=store, engine=engine, board=board)
    tasks.connect(engine, lambda arn: states.catalog.activities.find(arn) is not None)
    logs = LogStreams(lambda: cloud.client("logs", on_behalf_of="states.amazonaws.com"))
    put_event, put_metric = partial(service_events.put, cloud), partial(_put_metric, cloud)
    notices = Notices(store, Outlets(put_event, put_metric, logs.write, cloud.wait_until_saved))
    notices.connect(engine)
    _serve(cloud, states)
    Types(states, partial(_read_object, cloud)).register(cloud)
    takeover.install(cloud, states)
    engine.resume()
    engine.serve()
    when_listening(cloud.endpoint_url, tasks.open)
    when_listening(cloud.endpoint_url, notices.begin)
    for close in (logs.close, board.close, tasks.close, states.close, engine.close):
        cloud.on_shutdown(close)


def _serve(cloud: Cloud, states: StepFunctions) -> None:
    """The API; workers that wait for a task have threads of their own."""
    operations = dict(states.operations)
    polling = {"GetActivityTask": operations.pop("GetActivityTask")}
    api = JsonService("stepfunctions", operations, invalid="ValidationException", threads=_THREADS)
    polls = JsonService("stepfunctions", polling, invalid="ValidationException", threads=_POLLS)

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Answer:
        target = {name.lower(): value for name, value in headers.items()}.get("x-amz-target", "")
        service = polls if target.endswith(".GetActivityTask") else api
        return await service.handle(method, path, headers, body, query)

    scopes = ["states", "stepfunctions", "step-functions"]
    cloud.register_service("states", handle, credential_scopes=scopes, target_prefixes=["AWSStepFunctions"])
    cloud.register_iam("states", partial(resources_of, cloud), models=["stepfunctions"])


def _put_metric(cloud: Cloud, metric: Metric) -> None:
    from ministack.core.responses import request_scope
    from ministack.services import cloudwatch

    with request_scope(cloud.account_id, cloud.region):
        cloudwatch.record_metric(
            "AWS/States", metric.name, metric.value, metric.unit, dict(metric.dimensions)
        )


def _log_group_exists(cloud: Cloud, name: str) -> bool:
    from ministack.core.responses import request_scope
    from ministack.services import cloudwatch_logs

    with request_scope(cloud.account_id, cloud.region):
        groups: Mapping[str, Any] = cloudwatch_logs._log_groups
        return name in groups


def _read_object(cloud: Cloud, bucket: str, key: str, version: str | None) -> bytes | None:
    from ministack.core.responses import request_scope
    from ministack.services import s3

    with request_scope(cloud.account_id, cloud.region):
        found: bytes | None = s3._get_object_data(bucket, key, version_id=version)
        return found
