"""What SageMaker consists of, put together."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embedded.cloud import Cloud
from embedded.mlflow_server import tracking_uri
from embedded.sagemaker.alarms import CloudWatchAlarms
from embedded.sagemaker.asynchronous.dispatch import Dispatcher
from embedded.sagemaker.asynchronous.processing import Processing
from embedded.sagemaker.asynchronous.queue import Queue
from embedded.sagemaker.capture import Capture
from embedded.sagemaker.clock import Clock, RealClock
from embedded.sagemaker.containers import Containers
from embedded.sagemaker.deployments import Deployments
from embedded.sagemaker.description import announcer
from embedded.sagemaker.gauges import concurrency, running, running_jobs
from embedded.sagemaker.metrics import Metrics
from embedded.sagemaker.mlflow_app.service import MlflowApps
from embedded.sagemaker.model_calls import ModelCalls
from embedded.sagemaker.naming import Names
from embedded.sagemaker.tables import Tables
from embedded.sagemaker.transform.jobs import Jobs
from embedded.sagemaker.transform.runner import Runner
from embedded.sagemaker.transform.service import TransformJobs
from embedded.service_events import Publish, publisher
from embedded.state import State


@dataclass(frozen=True)
class Parts:
    """One service."""

    cloud: Cloud
    names: Names
    clock: Clock
    tables: Tables
    publish: Publish
    containers: Containers
    deployments: Deployments
    metrics: Metrics
    calls: ModelCalls
    capture: Capture
    queue: Queue
    dispatcher: Dispatcher
    jobs: Jobs
    transforms: TransformJobs
    apps: MlflowApps


def build(cloud: Cloud) -> Parts:
    """The parts on the folder of a cloud; nothing runs yet."""
    folder, clock, publish = cloud.state_dir / "sagemaker", RealClock(), publisher(cloud, "aws.sagemaker")
    tables, containers = Tables(folder), Containers(cloud, folder / "instances")
    deployments = Deployments(
        tables.endpoints,
        containers,
        announcer(publish),
        alarms=CloudWatchAlarms(lambda role_arn: under(cloud)("cloudwatch", role_arn)),
        clock=clock,
    )
    metrics = Metrics(cloud)
    metrics.measured(lambda: running(tables, deployments))
    metrics.gauge(lambda: concurrency(tables, deployments))
    names = Names(cloud.region, cloud.account_id)
    calls = ModelCalls(names, metrics.record)
    queue, dispatcher = _asynchronous(cloud, folder, tables, deployments, metrics, calls, clock)
    jobs = Jobs(tables.transforms, publish)
    runner = Runner(containers, lambda role_arn: under(cloud)("s3", role_arn))
    transforms = TransformJobs(cloud, tables, jobs, runner)
    metrics.measured(lambda: running_jobs(transforms))
    return Parts(
        cloud=cloud,
        names=names,
        clock=clock,
        tables=tables,
        publish=publish,
        containers=containers,
        deployments=deployments,
        metrics=metrics,
        calls=calls,
        capture=Capture(folder / "captured", lambda role_arn: under(cloud)("s3", role_arn), clock),
        queue=queue,
        dispatcher=dispatcher,
        jobs=jobs,
        transforms=transforms,
        apps=MlflowApps(cloud, tables.apps, lambda: _mlflow(cloud)),
    )


def _mlflow(cloud: Cloud) -> str:
    """Where the tracking server answers: its port is the state folder's for life."""
    ports = State(cloud.state_dir).ports()
    if ports is None:
        raise LookupError(f"{cloud.state_dir} has no ports")
    return tracking_uri(ports.mlflow)


def under(cloud: Cloud) -> Callable[[str, str], Any]:
    """Clients of a service under an execution role."""
    return lambda service, role_arn: cloud.client(service, role_arn=role_arn, session_name="SageMaker")


def _asynchronous(
    cloud: Cloud,
    folder: Path,
    tables: Tables,
    deployments: Deployments,
    metrics: Metrics,
    calls: ModelCalls,
    clock: Clock,
) -> tuple[Queue, Dispatcher]:
    queue, closing = Queue(folder / "asynchronous"), threading.Event()
    processing = Processing(
        deployments, calls, under(cloud), metrics.add, clock=clock, region=cloud.region, closing=closing
    )
    dispatcher = Dispatcher(tables.endpoints, deployments, queue, processing, clock=clock, closing=closing)
    metrics.gauge(dispatcher.gauges)
    return queue, dispatcher
