"""What an endpoint needs, in a running cloud: a bucket of models, an image, an execution role, a caller."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.embedded.conftest import CloudSession, allow, wait_for
from tests.embedded.model_image import REPOSITORY, put_model_server

ACCOUNT = "arn:aws:{}:us-east-1:000000000000:"
HOSTING, LOGS = ACCOUNT.format("sagemaker"), ACCOUNT.format("logs")
BUCKET = "sagemaker-test-models"
PULL = ("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage")
LOG_GROUPS = f"{LOGS}log-group:/aws/sagemaker/*"
EXECUTION = (
    allow("ecr:GetAuthorizationToken"),
    *(allow(action, f"{ACCOUNT.format('ecr')}repository/{REPOSITORY}") for action in PULL),
    allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/*"),
    allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}"),
    allow("s3:PutObject", f"arn:aws:s3:::{BUCKET}/out/*"),
    allow("cloudwatch:DescribeAlarms"),
    allow("logs:CreateLogGroup", LOG_GROUPS),
    allow("logs:CreateLogStream", LOG_GROUPS),
    allow("logs:PutLogEvents", f"{LOG_GROUPS}:log-stream:*"),
)


@dataclass(frozen=True)
class Hosting:
    """A caller under a role, an execution role, an image, and models called after what they answer."""

    cloud: CloudSession
    image: str
    role: str
    sagemaker: Any
    runtime: Any

    def config(self, *weights: str, role: str | None = None, instances: int = 1, **container: Any) -> str:
        """The name of a new configuration with one variant for each text."""
        return self.config_of(*(self.variant(text, role, instances, **container) for text in weights))

    def config_of(self, *variants: dict[str, Any], **members: Any) -> str:
        """The name of a new configuration of these variants."""
        name = f"test-{uuid4().hex[:10]}"
        self.sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=list(variants), **members
        )
        return name

    def endpoint(self, config: str) -> str:
        """The name of a new endpoint in service."""
        name = f"test-{uuid4().hex[:10]}"
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
        assert self.settled(name)["EndpointStatus"] == "InService"
        return name

    def settled(self, name: str) -> Any:
        """The endpoint, once nothing changes it any more."""
        found: dict[str, Any] = {}

        def settled() -> bool:
            found.update(FailureReason=None) or found.update(
                self.sagemaker.describe_endpoint(EndpointName=name)
            )
            return found["EndpointStatus"] in ("InService", "Failed")

        wait_for(settled)
        return found

    def answer(self, name: str, body: bytes = b"x", **params: Any) -> str:
        """What the endpoint answers."""
        answer = self.runtime.invoke_endpoint(EndpointName=name, Body=body, **params)
        return str(answer["Body"].read().decode())

    def logged(self, name: str) -> list[str]:
        """Everything that the containers of an endpoint wrote."""
        logs, group = self.cloud.client("logs"), f"/aws/sagemaker/Endpoints/{name}"
        return [each["message"] for each in logs.filter_log_events(logGroupName=group)["events"]]

    def variant(
        self, text: str, role: str | None = None, instances: int = 1, **container: Any
    ) -> dict[str, Any]:
        """A variant whose model answers `text`, and is called after it."""
        model = self.model(text, role=role, **container)
        variant = {"VariantName": text, "ModelName": model, "InstanceType": "ml.m5.large"}
        return variant | {"InitialInstanceCount": instances, "InitialVariantWeight": 1.0}

    def model(self, text: str, *, role: str | None = None, **container: Any) -> str:
        """The name of a new model that answers `text`."""
        name = f"test-{uuid4().hex[:10]}"
        folder = {"S3Uri": f"s3://{BUCKET}/{text}/", "S3DataType": "S3Prefix", "CompressionType": "None"}
        described = {"Image": self.image, "ModelDataSource": {"S3DataSource": folder}} | container
        described = {key: value for key, value in described.items() if value is not None}
        self.sagemaker.create_model(
            ModelName=name, ExecutionRoleArn=role or self.role, PrimaryContainer=described
        )
        return name


def execution_role(cloud: CloudSession, *statements: Any, service: str = "sagemaker.amazonaws.com") -> str:
    """A new role that SageMaker may assume, or another service."""
    arn = cloud.role(*statements)
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    cloud.client("iam").update_assume_role_policy(
        RoleName=arn.rpartition("/")[2],
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    return arn


def prepare(cloud: CloudSession) -> Hosting:
    """All that an endpoint needs."""
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    for text in ("one", "two", "broken"):
        s3.put_object(Bucket=BUCKET, Key=f"{text}/weights.txt", Body=text.encode())
    role = execution_role(cloud, *EXECUTION)
    pass_role = allow("iam:PassRole", "arn:aws:iam::000000000000:role/*")
    pass_role["Condition"] = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}  # type: ignore[assignment]
    kinds = ("model", "endpoint-config", "endpoint", "transform-job")
    operator = cloud.role(*(allow("sagemaker:*", f"{HOSTING}{kind}/test-*") for kind in kinds), pass_role)
    keys = cloud.assume(operator)
    return Hosting(
        cloud,
        put_model_server(cloud),
        role,
        cloud.client("sagemaker", keys),
        cloud.client("sagemaker-runtime", keys),
    )
