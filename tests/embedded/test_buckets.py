"""Buckets in the embedded cloud: which events they send, and when they can be deleted."""

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.embedded.conftest import CloudSession, allow, wait_for

pytestmark = pytest.mark.embedded


def _versioned(cloud: CloudSession) -> tuple[str, str]:
    """A versioned bucket, and the queue that its events arrive on."""
    name = f"b-{uuid4().hex[:12]}"
    s3, sqs, events = (cloud.client(service) for service in ("s3", "sqs", "events"))
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_notification_configuration(
        Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    url, arn = sqs.create_queue(QueueName=name)["QueueUrl"], f"arn:aws:sqs:us-east-1:000000000000:{name}"
    policy = allow("sqs:SendMessage", arn) | {"Principal": {"Service": "events.amazonaws.com"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [policy]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})
    events.put_rule(Name=name, EventPattern=json.dumps({"detail": {"bucket": {"name": [name]}}}))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    return name, url


def _details(cloud: CloudSession, url: str, number: int) -> list[Any]:
    found: list[Any] = []

    def arrived() -> bool:
        answer = cloud.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        found.extend(json.loads(message["Body"])["detail"] for message in answer.get("Messages", []))
        return len(found) >= number

    wait_for(arrived)
    return sorted(found, key=lambda detail: str(detail["object"]["sequencer"]))


def test_events_name_the_version(cloud_session: CloudSession) -> None:
    """Put, copied, marked as deleted, deleted for good: each with the version that it is about."""
    bucket, url = _versioned(cloud_session)
    s3 = cloud_session.client("s3")
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["VersionId"]
    copied = s3.copy_object(Bucket=bucket, Key="c", CopySource={"Bucket": bucket, "Key": "k"})["VersionId"]
    marker = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    s3.delete_object(Bucket=bucket, Key="k", VersionId=put)
    seen = [
        (detail["reason"], detail["object"]["version-id"], detail.get("deletion-type"))
        for detail in _details(cloud_session, url, 4)
    ]
    assert seen == [
        ("PutObject", put, None),
        ("CopyObject", copied, None),
        ("DeleteObject", marker, "Delete Marker Created"),
        ("DeleteObject", put, "Permanently Deleted"),
    ]


def test_a_bucket_with_versions_is_not_deleted(cloud_session: CloudSession) -> None:
    """A delete marker alone keeps it, too."""
    bucket, _ = _versioned(cloud_session)
    s3 = cloud_session.client("s3")
    version = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["VersionId"]
    marker = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    s3.delete_object(Bucket=bucket, Key="k", VersionId=version)
    with pytest.raises(s3.exceptions.ClientError, match="BucketNotEmpty") as refused:
        s3.delete_bucket(Bucket=bucket)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    s3.delete_object(Bucket=bucket, Key="k", VersionId=marker)
    s3.delete_bucket(Bucket=bucket)


def test_a_stack_keeps_a_bucket_that_is_not_empty(cloud_session: CloudSession) -> None:
    """DELETE_FAILED, with the objects where they were; empty, it goes."""
    name, formation = f"stack-{uuid4().hex[:12]}", cloud_session.client("cloudformation")
    template = {"Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}}}}
    formation.create_stack(StackName=name, TemplateBody=json.dumps(template))
    formation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    s3 = cloud_session.client("s3")
    s3.put_object(Bucket=name, Key="k", Body=b"x")
    formation.delete_stack(StackName=name)
    wait_for(lambda: _status(formation, name) == "DELETE_FAILED")
    assert s3.get_object(Bucket=name, Key="k")["Body"].read() == b"x"
    s3.delete_object(Bucket=name, Key="k")
    formation.delete_stack(StackName=name)
    formation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})


def _status(formation: Any, name: str) -> str:
    return str(formation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
