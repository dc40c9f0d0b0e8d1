"""Puts SageMaker into the cloud, and brings its endpoints back after a restart."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import urllib3

from embedded.cloud import Cloud
from embedded.sagemaker import tags
from embedded.sagemaker.alarms import CloudWatchAlarms
from embedded.sagemaker.capture import Capture
from embedded.sagemaker.clock import Clock, RealClock
from embedded.sagemaker.configs import Configs
from embedded.sagemaker.containers import Containers
from embedded.sagemaker.deployments import Deployments
from embedded.sagemaker.description import announcer
from embedded.sagemaker.endpoints import Endpoints
from embedded.sagemaker.gauges import concurrency, running
from embedded.sagemaker.invocations import Invocations
from embedded.sagemaker.metrics import Metrics
from embedded.sagemaker.model_calls import ModelCalls, received
from embedded.sagemaker.models import Models
from embedded.sagemaker.naming import Names
from embedded.sagemaker.records import Tables
from embedded.sagemaker.refusals import never_here
from embedded.sagemaker.streaming import ResponseStreams, live, streamed
from embedded.service_events import publisher
from embedded.wire import Answer, JsonService, Operation

_READY_SECONDS = 0.1
_RUNTIME_THREADS = 64
_REAP_SECONDS = 5.0
_STREAM_THREADS = 32


@dataclass(frozen=True)
class Parts:
    """What the service consists of."""

    cloud: Cloud
    names: Names
    clock: Clock
    tables: Tables
    containers: Containers
    deployments: Deployments
    metrics: Metrics
    capture: Capture


def install(cloud: Cloud) -> None:
    """Serve `sagemaker` and `sagemaker-runtime`, which sign with the same name."""
    parts = _parts(cloud)
    _register(cloud, *_services(parts))
    cloud.on_shutdown(partial(parts.capture.send, everything=True))
    cloud.on_shutdown(parts.deployments.close)
    cloud.on_shutdown(parts.metrics.flush)
    parts.metrics.start()
    threading.Thread(target=_resume, args=(parts,), daemon=True).start()
    threading.Thread(target=_reap, args=(parts.deployments,), daemon=True).start()


def _parts(cloud: Cloud) -> Parts:
    folder, clock = cloud.state_dir / "sagemaker", RealClock()
    tables, containers = Tables(folder), Containers(cloud, folder / "instances")
    deployments = Deployments(
        tables.endpoints,
        containers,
        announcer(publisher(cloud, "aws.sagemaker")),
        alarms=CloudWatchAlarms(_clients(cloud, "cloudwatch")),
        clock=clock,
    )
    metrics = Metrics(cloud, lambda: running(tables, deployments))
    metrics.gauge(lambda: concurrency(tables, deployments))
    return Parts(
        cloud=cloud,
        names=Names(cloud.region, cloud.account_id),
        clock=clock,
        tables=tables,
        containers=containers,
        deployments=deployments,
        metrics=metrics,
        capture=Capture(folder / "captured", _clients(cloud, "s3"), clock),
    )


def _clients(cloud: Cloud, service: str) -> Any:
    return lambda role_arn: cloud.client(service, role_arn=role_arn, session_name="SageMaker")


def _services(parts: Parts) -> tuple[JsonService, JsonService]:
    return (
        JsonService("sagemaker", _control(parts), invalid="ValidationException"),
        JsonService(
            "sagemaker-runtime", _runtime(parts), invalid="ValidationError", threads=_RUNTIME_THREADS
        ),
    )


def _control(parts: Parts) -> dict[str, Operation]:
    configs = Configs(parts.cloud, parts.tables)
    return {
        **never_here(),
        **Models(parts.cloud, parts.tables).operations(),
        **configs.operations(),
        **Endpoints(parts.cloud, parts.tables, configs, parts.deployments).operations(),
        **tags.operations(parts.tables),
    }


def _runtime(parts: Parts) -> dict[str, Operation]:
    calls = ModelCalls(parts.names, parts.metrics.record)
    take = parts.capture.take
    invocations = Invocations(parts.names, parts.tables, parts.deployments, calls, take)
    streams = ResponseStreams(invocations, parts.deployments, calls, take)
    return {**invocations.operations(), **streams.operations()}


def _register(cloud: Cloud, control: JsonService, runtime: JsonService) -> None:
    pool = ThreadPoolExecutor(_STREAM_THREADS, thread_name_prefix="response streams")

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Answer:
        received.set(time.perf_counter())
        live.set([])
        service = control if "x-amz-target" in headers else runtime
        answer = await service.handle(method, path, headers, body, query)
        return streamed(answer, live.get(), pool)

    cloud.register_service(
        "sagemaker", handle, credential_scopes=["sagemaker"], target_prefixes=["SageMaker."]
    )
    names = Names(cloud.region, cloud.account_id)
    cloud.register_iam("sagemaker", names.acted_on, models=["sagemaker-runtime"])


def _resume(parts: Parts) -> None:
    """Endpoints of an earlier server; they need S3 and logs, and so wait for the server to answer."""
    records = parts.tables.endpoints.all()
    _wait_until_ready(parts.cloud)
    parts.capture.start()
    for record in records:
        parts.deployments.resume(record.name)


def _wait_until_ready(cloud: Cloud) -> None:
    client = urllib3.PoolManager(ca_certs=cloud.child_environment["AWS_CA_BUNDLE"], retries=False)
    while not _answers(client, f"{cloud.endpoint_url}/_ministack/ready"):
        time.sleep(_READY_SECONDS)


def _answers(client: urllib3.PoolManager, url: str) -> bool:
    try:
        return client.request("GET", url, timeout=2).status == 200
    except urllib3.exceptions.HTTPError:
        return False


def _reap(deployments: Deployments) -> None:
    while True:
        time.sleep(_REAP_SECONDS)
        deployments.reap()
