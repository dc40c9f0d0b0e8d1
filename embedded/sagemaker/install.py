"""Puts SageMaker into the cloud, and brings its endpoints back after a restart."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import urllib3

from embedded.cloud import Cloud
from embedded.sagemaker import tags
from embedded.sagemaker.asynchronous.invoke import AsyncInvocations
from embedded.sagemaker.configs import Configs
from embedded.sagemaker.deployments import Deployments
from embedded.sagemaker.endpoints import Endpoints
from embedded.sagemaker.invocations import Invocations
from embedded.sagemaker.mlflow_app.cloudformation import TYPE as APP_TYPE
from embedded.sagemaker.mlflow_app.cloudformation import MlflowAppType
from embedded.sagemaker.model_calls import received
from embedded.sagemaker.models import Models
from embedded.sagemaker.parts import Parts
from embedded.sagemaker.refusals import never_here
from embedded.sagemaker.step_functions import TRANSFORM_SYNC, SageMakerTasks
from embedded.sagemaker.streaming import ResponseStreams, live, streamed
from embedded.wire import Answer, JsonService, Operation

_READY_SECONDS = 0.1
_RUNTIME_THREADS = 64
_REAP_SECONDS = 5.0
_STREAM_THREADS = 32


def install(cloud: Cloud) -> None:
    """Serve `sagemaker` and `sagemaker-runtime`, which sign with the same name."""
    parts = Parts(cloud)
    _register(parts, *_services(parts))
    _stop_with(parts)
    _integrate(parts)
    parts.metrics.start()
    threading.Thread(target=_resume, args=(parts,), daemon=True).start()
    threading.Thread(target=_reap, args=(parts.deployments,), daemon=True).start()


def _stop_with(parts: Parts) -> None:
    """What an orderly stop ends and brings to its place; the last named goes first."""
    cloud = parts.cloud
    cloud.on_shutdown(partial(parts.capture.send, everything=True))
    cloud.on_shutdown(parts.metrics.flush)
    cloud.on_shutdown(parts.dispatcher.close)
    cloud.on_shutdown(parts.transforms.close)
    cloud.on_shutdown(parts.deployments.close)


def _integrate(parts: Parts) -> None:
    """Tasks of Step Functions, types of CloudFormation."""
    tasks = SageMakerTasks(parts.cloud, parts.jobs)
    for resource, run in tasks.runs().items():
        parts.cloud.register_integration(resource, run)
    parts.cloud.register_job_integration(TRANSFORM_SYNC, tasks)
    app = MlflowAppType(parts.apps)
    parts.cloud.register_resource_type(APP_TYPE, create=app.create, update=app.update, delete=app.delete)


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
        **parts.transforms.operations(),
        **parts.apps.operations(),
        **tags.operations(parts.tables),
    }


def _runtime(parts: Parts) -> dict[str, Operation]:
    take, calls = parts.capture.take, parts.calls
    invocations = Invocations(parts.names, parts.tables, parts.deployments, calls, take)
    streams = ResponseStreams(invocations, parts.deployments, calls, take)
    queued = AsyncInvocations(invocations.serving, parts.queue, parts.clock, parts.dispatcher.wake)
    return {**invocations.operations(), **streams.operations(), **queued.operations()}


def _register(parts: Parts, control: JsonService, runtime: JsonService) -> None:
    pool = ThreadPoolExecutor(_STREAM_THREADS, thread_name_prefix="response streams")

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Answer:
        received.set(time.perf_counter())
        live.set([])
        service = control if "x-amz-target" in headers else runtime
        answer = await service.handle(method, path, headers, body, query)
        return streamed(answer, live.get(), pool)

    parts.cloud.register_service(
        "sagemaker", handle, credential_scopes=["sagemaker"], target_prefixes=["SageMaker."]
    )
    parts.cloud.register_iam("sagemaker", parts.names.acted_on, models=["sagemaker-runtime"])


def _resume(parts: Parts) -> None:
    """What an earlier server left; it needs S3 and logs, and so waits for the server to answer."""
    records = parts.tables.endpoints.all()
    _wait_until_ready(parts.cloud)
    parts.capture.start()
    parts.dispatcher.start()
    parts.transforms.resume()
    parts.apps.resume()
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
