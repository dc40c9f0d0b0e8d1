"""Puts Batch into the embedded cloud."""

from functools import partial

from embedded.batch import hosts
from embedded.batch.cloudformation import register_types
from embedded.batch.iam import resources_of
from embedded.batch.service import Batch
from embedded.batch.step_functions import SUBMIT, SUBMIT_SYNC, SubmitJob
from embedded.cloud import Cloud
from embedded.readiness import when_listening
from embedded.service_events import publisher
from embedded.wire import JsonService


def install(cloud: Cloud) -> None:
    """Serve Batch's API, its types in CloudFormation, and its integrations in Step Functions."""
    batch = Batch(cloud, publisher(cloud, "aws.batch"))
    service = JsonService("batch", batch.operations, invalid="ClientException")
    handle = hosts.answering(batch.scheduler, service.handle)
    cloud.register_service("batch", handle, credential_scopes=["batch"])
    cloud.register_iam("batch", partial(resources_of, batch.catalog.arn), models=["batch"])
    register_types(cloud, batch)
    submit_job = SubmitJob(cloud, batch.book)
    cloud.register_integration(SUBMIT, submit_job.request)
    cloud.register_job_integration(SUBMIT_SYNC, submit_job)
    cloud.on_shutdown(batch.scheduler.close)
    when_listening(cloud.endpoint_url, batch.scheduler.start)
