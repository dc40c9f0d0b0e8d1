"""An upload's event, as it really arrives on the queue, is read as what was uploaded."""

import json
from uuid import uuid4

import pytest

from sluiceway.triggers.uploads import Upload
from tests.embedded.conftest import CloudSession, wait_for

pytestmark = pytest.mark.embedded
KEY = "data/flights/year 2013+jan %41 é.parquet"


def test_an_upload_arrives_on_the_queue_with_its_key_as_it_is(cloud_session: CloudSession) -> None:
    """S3 → EventBridge → SQS: the key is not encoded, and later uploads sort after earlier ones."""
    bucket, queue = _wired(cloud_session)
    s3, sqs = cloud_session.client("s3"), cloud_session.client("sqs")
    uploads: dict[int, Upload] = {}

    def arrived() -> bool:
        answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for message in answer.get("Messages", ()):
            upload = Upload.from_event(message["Body"])
            uploads[upload.size] = upload
        return len(uploads) == 3

    for size in (1, 2, 3):
        s3.put_object(Bucket=bucket, Key=KEY, Body=b"x" * size)
    wait_for(arrived)
    assert {upload.key for upload in uploads.values()} == {KEY}
    assert {upload.bucket for upload in uploads.values()} == {bucket}
    orders = [uploads[size].order for size in (1, 2, 3)]
    assert orders == sorted(set(orders))


def _wired(cloud: CloudSession) -> tuple[str, str]:
    """A bucket whose uploads arrive on a queue."""
    name = f"uploads-{uuid4().hex[:8]}"
    s3, sqs, events = (cloud.client(service) for service in ("s3", "sqs", "events"))
    s3.create_bucket(Bucket=name)
    s3.put_bucket_notification_configuration(
        Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"source": ["aws.s3"], "detail": {"bucket": {"name": [name]}}}
    rule = events.put_rule(Name=name, EventPattern=json.dumps(pattern))["RuleArn"]
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    policy = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [policy]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": document})
    return name, queue
