"""Batch with real processes, in a cloud without a server."""

from typing import Any

from embedded.batch.runner import ProcessRunner
from embedded.batch.service import Batch
from embedded.wire import Caller
from tests.fakes.embedded_cloud import HOST, FakeCloud

ROLE = "arn:aws:iam::000000000000:role/r"
CALLER = Caller("test", "arn:aws:iam::000000000000:root", "000000000000", "us-east-1")
TEXT = 'FROM python:3\nWORKDIR /app\nENV GREETING=hello\nENTRYPOINT ["python", "-c"]'


class Service:
    """Batch with one queue, called as the API is."""

    def __init__(self, cloud: FakeCloud) -> None:
        self.events: list[dict[str, Any]] = []
        runner = ProcessRunner(cloud, cloud.state_dir / "work", grace=0.5)
        self.batch = Batch(cloud, lambda _type, detail, _arns: self.events.append(dict(detail)), runner)
        self.batch.scheduler.start()

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        return dict(self.batch.operations[operation](params, CALLER) or {})

    def prepare(self) -> None:
        resources = {"type": "FARGATE", "maxvCpus": 4, "subnets": ["s"], "securityGroupIds": ["g"]}
        self.call(
            "CreateComputeEnvironment",
            computeEnvironmentName="ce",
            type="MANAGED",
            computeResources=resources,
        )
        order = [{"order": 1, "computeEnvironment": "ce"}]
        self.call("CreateJobQueue", jobQueueName="q", priority=1, computeEnvironmentOrder=order)
        self.register(f"{HOST}/env:1")

    def register(self, image: str, **more: Any) -> None:
        container = {
            "image": image,
            "executionRoleArn": ROLE,
            "jobRoleArn": ROLE,
            "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}],
            "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-stream-prefix": "step"}},
            **more,
        }
        self.call(
            "RegisterJobDefinition",
            jobDefinitionName="d",
            type="container",
            platformCapabilities=["FARGATE"],
            containerProperties=container,
        )

    def register_nodes(self, codes: dict[str, str], variables: dict[str, str]) -> None:
        """A multi-node definition `nodes` with a node for each code, and a queue `ec2` for it."""
        resources = {"type": "EC2", "maxvCpus": 4, "subnets": ["s"], "instanceTypes": ["optimal"]}
        self.call(
            "CreateComputeEnvironment",
            computeEnvironmentName="ec2",
            type="MANAGED",
            computeResources=resources,
        )
        order = [{"order": 1, "computeEnvironment": "ec2"}]
        self.call("CreateJobQueue", jobQueueName="ec2", priority=1, computeEnvironmentOrder=order)
        needs = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "16"}]
        environment = [{"name": name, "value": value} for name, value in variables.items()]
        common = {"image": f"{HOST}/env:1", "resourceRequirements": needs, "environment": environment}
        ranges = [
            {"targetNodes": index, "container": common | {"command": [code]}} for index, code in codes.items()
        ]
        nodes = {"numNodes": len(codes), "mainNode": 0, "nodeRangeProperties": ranges}
        self.call("RegisterJobDefinition", jobDefinitionName="nodes", type="multinode", nodeProperties=nodes)

    def submit(self, code: str, **more: Any) -> str:
        overrides = {"command": [code], **more.pop("overrides", {})}
        answer = self.call(
            "SubmitJob", jobName="j", jobQueue="q", jobDefinition="d", containerOverrides=overrides, **more
        )
        return str(answer["jobId"])

    def end(self, job_id: str) -> dict[str, Any]:
        self.batch.book.wait_for_end(job_id)
        return dict(self.call("DescribeJobs", jobs=[job_id])["jobs"][0])

    def until(self, job_id: str, status: str) -> None:
        with self.batch.book.changed:
            assert self.batch.book.changed.wait_for(lambda: self.batch.book.get(job_id).status == status, 20)
