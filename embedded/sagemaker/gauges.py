"""What is measured of running endpoints: their containers' use of the machine, and requests at once."""

from collections.abc import Iterator

from embedded.sagemaker.deployments import Deployments
from embedded.sagemaker.metrics import Point, Running, of_endpoint
from embedded.sagemaker.tables import Tables
from embedded.sagemaker.transform.service import TransformJobs


def running(tables: Tables, deployments: Deployments) -> Iterator[Running]:
    """The containers of endpoints."""
    for record in tables.endpoints.all():
        for instance in deployments.traffic(record.name).running():
            if instance.pid is not None:
                yield Running(of_endpoint(record.name, instance.variant), instance.pid)


def running_jobs(jobs: TransformJobs) -> Iterator[Running]:
    """The containers of transform jobs."""
    for name, instance in jobs.running():
        if instance.pid is not None:
            host = (("Host", f"{name}/{instance.instance_id}"),)
            yield Running(host, instance.pid, "/aws/sagemaker/TransformJobs")


def concurrency(tables: Tables, deployments: Deployments) -> Iterator[Point]:
    """`ConcurrentRequestsPerModel` of each variant on instances, at this moment."""
    for record in tables.endpoints.all():
        for variant in record.variants:
            if variant.serverless is None and record.options.asynchronous is None:
                own = deployments.traffic(record.name).running()
                requests = sum(each.in_flight for each in own if each.variant == variant.name)
                dimensions = of_endpoint(record.name, variant.name)
                yield Point(dimensions, "ConcurrentRequestsPerModel", float(requests))
