"""What SageMaker consists of, put together."""

import threading
from functools import cached_property
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
from embedded.sagemaker.roles import PRINCIPAL
from embedded.sagemaker.tables import Tables
from embedded.sagemaker.transform.jobs import Jobs
from embedded.sagemaker.transform.runner import Runner
from embedded.sagemaker.transform.service import TransformJobs
from embedded.service_events import Publish, publisher
from embedded.state import State


class Parts:
    """One service on the folder of a cloud. A part is made when it is first asked for; nothing runs yet."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.clock: Clock = RealClock()
        self.names = Names(cloud.region, cloud.account_id)
        self.publish: Publish = publisher(cloud, "aws.sagemaker")
        self._folder = cloud.state_dir / "sagemaker"
        self.tables = Tables(self._folder)
        self.metrics = Metrics(cloud)

    @cached_property
    def containers(self) -> Containers:
        """Who starts processes."""
        return Containers(self.cloud, self._folder / "instances")

    @cached_property
    def deployments(self) -> Deployments:
        """Endpoints in motion, whose containers are measured."""
        alarms = CloudWatchAlarms(lambda role_arn: self._under("cloudwatch", role_arn))
        made = Deployments(
            self.tables.endpoints, self.containers, announcer(self.publish), alarms=alarms, clock=self.clock
        )
        self.metrics.measured(lambda: running(self.tables, made))
        self.metrics.gauge(lambda: concurrency(self.tables, made))
        return made

    @cached_property
    def calls(self) -> ModelCalls:
        """Who calls containers, and counts that."""
        return ModelCalls(self.names, self.metrics.record)

    @cached_property
    def capture(self) -> Capture:
        """Who writes down what is asked and answered."""
        return Capture(self._folder / "captured", lambda role_arn: self._under("s3", role_arn), self.clock)

    @cached_property
    def queue(self) -> Queue:
        """What waits for asynchronous inference."""
        return Queue(self._folder / "asynchronous")

    @cached_property
    def dispatcher(self) -> Dispatcher:
        """Who works that off."""
        closing = threading.Event()
        processing = Processing(
            self.deployments,
            self.calls,
            self._under,
            self.metrics.add,
            clock=self.clock,
            region=self.cloud.region,
            closing=closing,
        )
        endpoints = self.tables.endpoints
        made = Dispatcher(
            endpoints, self.deployments, self.queue, processing, clock=self.clock, closing=closing
        )
        self.metrics.gauge(made.gauges)
        return made

    @cached_property
    def jobs(self) -> Jobs:
        """The records of transform jobs."""
        return Jobs(self.tables.transforms, self.publish)

    @cached_property
    def transforms(self) -> TransformJobs:
        """Who runs transform jobs, whose containers are measured."""
        runner = Runner(self.containers, lambda role_arn: self._under("s3", role_arn))
        made = TransformJobs(self.cloud, self.tables, self.jobs, runner)
        self.metrics.measured(lambda: running_jobs(made))
        return made

    @cached_property
    def apps(self) -> MlflowApps:
        """The MLflow app."""
        return MlflowApps(self.cloud, self.tables.apps, self._tracking_uri)

    def _under(self, service: str, role_arn: str) -> Any:
        """A client of a service under an execution role."""
        return self.cloud.client(service, role_arn=role_arn, session_name="SageMaker", on_behalf_of=PRINCIPAL)

    def _tracking_uri(self) -> str:
        """Where the tracking server answers: its port is the state folder's for life."""
        ports = State(self.cloud.state_dir).ports()
        if ports is None:
            raise LookupError(f"{self.cloud.state_dir} has no ports")
        return tracking_uri(ports.mlflow)
