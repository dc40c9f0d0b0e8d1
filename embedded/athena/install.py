"""Mends MiniStack's Athena, and lets state machines wait for queries."""

from functools import partial

from embedded.athena import results, submission
from embedded.athena.executions import Executions
from embedded.athena.iam import resources_of
from embedded.athena.step_functions import START_SYNC, StartQuery
from embedded.cloud import Cloud
from embedded.readiness import when_listening


def install(cloud: Cloud) -> None:
    """Called once, before the cloud serves."""
    from ministack.services import athena

    executions = Executions(cloud)
    athena._execute_query = executions.execute
    athena._stop_query_execution = executions.stop
    submission.install()
    results.install()
    cloud.register_iam("athena", partial(resources_of, cloud), models=["athena"])
    cloud.register_job_integration(START_SYNC, StartQuery(cloud, executions))
    when_listening(cloud.endpoint_url, executions.recover)
