"""Batch: the job definition of an image. Jobs themselves are submitted by the state machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sluiceway.gateways.aws_errors import asking

if TYPE_CHECKING:
    from mypy_boto3_batch import BatchClient


@dataclass(frozen=True, kw_only=True)
class JobDefinition:
    """What every job of an image shares; command, resources and timeout come with each job."""

    name: str
    image: str
    """Pinned by digest."""
    job_role_arn: str
    execution_role_arn: str
    log_group: str
    stream_prefix: str
    cpu_architecture: str = "X86_64"


class Jobs(Protocol):
    """Where jobs run."""

    def register(self, definition: JobDefinition) -> str:
        """Register a definition and return its ARN, with revision."""


class BatchJobs:
    """`Jobs` of Batch on Fargate."""

    def __init__(self, client: BatchClient) -> None:
        self._client = client

    def register(self, definition: JobDefinition) -> str:
        """Register a definition. Twice makes two equal revisions of one name: either runs the same image."""
        with asking("Batch", f"RegisterJobDefinition {definition.name}"):
            return self._client.register_job_definition(
                jobDefinitionName=definition.name,
                type="container",
                platformCapabilities=["FARGATE"],
                containerProperties={
                    "image": definition.image,
                    "jobRoleArn": definition.job_role_arn,
                    "executionRoleArn": definition.execution_role_arn,
                    # The smallest that Fargate offers; every job overrides it.
                    "resourceRequirements": [
                        {"type": "VCPU", "value": "0.25"},
                        {"type": "MEMORY", "value": "512"},
                    ],
                    "networkConfiguration": {"assignPublicIp": "ENABLED"},
                    "fargatePlatformConfiguration": {"platformVersion": "LATEST"},
                    "runtimePlatform": {
                        "operatingSystemFamily": "LINUX",
                        "cpuArchitecture": definition.cpu_architecture,
                    },
                    "logConfiguration": {
                        "logDriver": "awslogs",
                        "options": {
                            "awslogs-group": definition.log_group,
                            "awslogs-stream-prefix": definition.stream_prefix,
                        },
                    },
                },
            )["jobDefinitionArn"]
