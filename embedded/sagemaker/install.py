"""Puts SageMaker into the cloud, and brings its endpoints back after a restart."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import urllib3

from embedded.cloud import Cloud
from embedded.sagemaker import tags
from embedded.sagemaker.configs import Configs
from embedded.sagemaker.containers import Containers
from embedded.sagemaker.deployments import Deployments
from embedded.sagemaker.description import announcer
from embedded.sagemaker.endpoints import Endpoints
from embedded.sagemaker.invocations import Invocations, received
from embedded.sagemaker.metrics import Metrics
from embedded.sagemaker.models import Models
from embedded.sagemaker.naming import Names
from embedded.sagemaker.records import Tables
from embedded.service_events import publisher
from embedded.wire import Answer, JsonService

_READY_SECONDS = 0.1
_RUNTIME_THREADS = 64


def install(cloud: Cloud) -> None:
    """Serve `sagemaker` and `sagemaker-runtime`, which sign with the same name."""
    folder = cloud.state_dir / "sagemaker"
    tables = Tables(folder)
    announce = announcer(publisher(cloud, "aws.sagemaker"))
    deployments = Deployments(tables.endpoints, Containers(cloud, folder / "instances"), announce)
    metrics = Metrics(cloud, lambda: _running(tables, deployments))
    control, runtime = _services(cloud, tables, deployments, metrics)
    _register(cloud, control, runtime)
    cloud.on_shutdown(deployments.close)
    cloud.on_shutdown(metrics.flush)
    metrics.start()
    threading.Thread(target=_resume, args=(cloud, tables, deployments), daemon=True).start()


def _services(
    cloud: Cloud, tables: Tables, deployments: Deployments, metrics: Metrics
) -> tuple[JsonService, JsonService]:
    configs = Configs(cloud, tables)
    operations = {
        **Models(cloud, tables).operations(),
        **configs.operations(),
        **Endpoints(cloud, tables, configs, deployments).operations(),
        **tags.operations(tables),
    }
    invocations = Invocations(cloud, tables, deployments, metrics.record).operations()
    return (
        JsonService("sagemaker", operations, invalid="ValidationException"),
        JsonService("sagemaker-runtime", invocations, invalid="ValidationError", threads=_RUNTIME_THREADS),
    )


def _register(cloud: Cloud, control: JsonService, runtime: JsonService) -> None:
    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Answer:
        received.set(time.perf_counter())
        service = control if "x-amz-target" in headers else runtime
        return await service.handle(method, path, headers, body, query)

    cloud.register_service(
        "sagemaker", handle, credential_scopes=["sagemaker"], target_prefixes=["SageMaker."]
    )
    names = Names(cloud.region, cloud.account_id)
    cloud.register_iam("sagemaker", names.acted_on, models=["sagemaker-runtime"])


def _running(tables: Tables, deployments: Deployments) -> Iterator[tuple[str, str, int]]:
    for record in tables.endpoints.all():
        for instance in deployments.traffic(record.name).fleet.all():
            if instance.pid is not None:
                yield record.name, instance.variant, instance.pid


def _resume(cloud: Cloud, tables: Tables, deployments: Deployments) -> None:
    """Endpoints of an earlier server; they need S3 and logs, and so wait for the server to answer."""
    records = tables.endpoints.all()
    if not records:
        return
    client = urllib3.PoolManager(ca_certs=cloud.child_environment["AWS_CA_BUNDLE"], retries=False)
    while not _answers(client, f"{cloud.endpoint_url}/_ministack/ready"):
        time.sleep(_READY_SECONDS)
    for record in records:
        deployments.resume(record.name)


def _answers(client: urllib3.PoolManager, url: str) -> bool:
    try:
        return client.request("GET", url, timeout=2).status == 200
    except urllib3.exceptions.HTTPError:
        return False
