"""The `cpu` pool: Batch on Fargate, which costs nothing while no job runs."""

from aws_cdk import aws_batch as batch
from constructs import Construct

from cdk_app.constructs.network import Network


class CpuPool(Construct):
    """A Fargate compute environment and the queue in front of it."""

    def __init__(self, scope: Construct, construct_id: str, *, network: Network, max_vcpus: int) -> None:
        super().__init__(scope, construct_id)
        environment = batch.FargateComputeEnvironment(
            self,
            "Fargate",
            vpc=network.vpc,
            security_groups=[network.jobs],
            maxv_cpus=max_vcpus,
            # Batch would replace the environment for a new size; scaling in place keeps running jobs.
            replace_compute_environment=False,
        )
        _spell_as_documented(environment)
        self.queue = batch.JobQueue(self, "Cpu", priority=1)
        self.queue.add_compute_environment(environment, 1)


def _spell_as_documented(environment: batch.FargateComputeEnvironment) -> None:
    # The CDK writes `managed`; the API's model and its reference know `MANAGED`.
    resource = environment.node.default_child
    assert isinstance(resource, batch.CfnComputeEnvironment)  # noqa: S101 - narrows a type that jsii cannot know
    resource.type = "MANAGED"
