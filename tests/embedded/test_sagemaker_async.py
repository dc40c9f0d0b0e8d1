"""Asynchronous inference: input and output in S3, notices by SNS, scaled to nothing and back."""

import json
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.embedded.conftest import CloudSession, allow, wait_for
from tests.embedded.hosting import BUCKET, EXECUTION, Hosting, execution_role, prepare

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def hosting(cloud_session: CloudSession) -> Hosting:
    """All that an endpoint needs."""
    return prepare(cloud_session)


def endpoint(hosting: Hosting, *, role: str | None = None, **output: Any) -> str:
    """A new asynchronous endpoint."""
    paths = {"S3OutputPath": f"s3://{BUCKET}/out/async", "S3FailurePath": f"s3://{BUCKET}/out/failed"}
    config = {"OutputConfig": paths | output, "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 2}}
    return hosting.endpoint(hosting.config_of(hosting.variant("one", role), AsyncInferenceConfig=config))


def ask(hosting: Hosting, name: str, body: bytes = b"x", **params: Any) -> dict[str, Any]:
    """Put a request into the queue, its input into S3."""
    key = f"in/{uuid4().hex}"
    hosting.cloud.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)
    location = f"s3://{BUCKET}/{key}"
    return dict(hosting.runtime.invoke_endpoint_async(EndpointName=name, InputLocation=location, **params))


def read(hosting: Hosting, location: str) -> str:
    """An object's text, once it is there."""
    bucket, _, key = location.removeprefix("s3://").partition("/")
    s3, found = hosting.cloud.client("s3"), list[str]()

    def is_there() -> bool:
        try:
            found.append(s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode())
        except ClientError:
            return False
        return True

    wait_for(is_there)
    return found[0]


def test_an_answer_is_written_to_s3(hosting: Hosting) -> None:
    """The request is taken at once, with the place at which its answer will be."""
    name = endpoint(hosting)
    taken = ask(hosting, name, InferenceId="mine")
    assert (taken["ResponseMetadata"]["HTTPStatusCode"], taken["InferenceId"]) == (202, "mine")
    assert read(hosting, taken["OutputLocation"]) == "one"


def test_a_failure_is_written_and_told(hosting: Hosting) -> None:
    """What the container said goes to the failure path; the topic hears why."""
    sqs, sns = hosting.cloud.client("sqs"), hosting.cloud.client("sns")
    topic = sns.create_topic(Name=f"t-{uuid4().hex[:8]}")["TopicArn"]
    url = sqs.create_queue(QueueName=f"q-{uuid4().hex[:8]}")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": anyone_sends(queue)})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"})
    role = execution_role(hosting.cloud, *EXECUTION, allow("sns:Publish", topic))
    name = endpoint(hosting, role=role, NotificationConfig={"ErrorTopic": topic})
    taken = ask(hosting, name, b"fail")
    assert read(hosting, taken["FailureLocation"]) == "the model failed"
    notices: list[Any] = []
    wait_for(lambda: bool(notices.extend(received(sqs, url)) or notices))
    assert (notices[0]["invocationStatus"], notices[0]["inferenceId"]) == ("Failed", taken["InferenceId"])
    assert notices[0]["responseParameters"]["failureLocation"] == taken["FailureLocation"]
    assert "Received server error (500) from model" in notices[0]["failureReason"]


def anyone_sends(queue: str) -> str:
    principal = {"Service": "sns.amazonaws.com"}
    send = {"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage", "Resource": queue}
    return json.dumps({"Version": "2012-10-17", "Statement": [send]})


def received(sqs: Any, url: str) -> list[Any]:
    messages = sqs.receive_message(QueueUrl=url).get("Messages", [])
    return [json.loads(each["Body"]) for each in messages]


def test_an_endpoint_without_instances_keeps_its_requests(hosting: Hosting) -> None:
    """Scaled to 0 they wait, and are answered when there is an instance again."""
    name = endpoint(hosting)
    scale(hosting, name, 0)
    taken = ask(hosting, name)
    described = hosting.sagemaker.describe_endpoint(EndpointName=name)
    assert described["ProductionVariants"][0]["CurrentInstanceCount"] == 0
    with pytest.raises(ClientError, match="NoSuchKey"):
        hosting.cloud.client("s3").get_object(
            Bucket=BUCKET, Key=taken["OutputLocation"].removeprefix(f"s3://{BUCKET}/")
        )
    scale(hosting, name, 1)
    assert read(hosting, taken["OutputLocation"]) == "one"


def scale(hosting: Hosting, name: str, count: int) -> None:
    desired = [{"VariantName": "one", "DesiredInstanceCount": count}]
    hosting.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=name, DesiredWeightsAndCapacities=desired
    )
    hosting.settled(name)


def test_each_way_of_invoking_has_its_endpoints(hosting: Hosting) -> None:
    """The other one is refused."""
    queued, direct = endpoint(hosting), hosting.endpoint(hosting.config("one"))
    with pytest.raises(ClientError, match="invoke it by InvokeEndpointAsync"):
        hosting.answer(queued)
    with pytest.raises(ClientError, match="has no asynchronous inference"):
        ask(hosting, direct)
