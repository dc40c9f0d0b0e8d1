"""What is written while the server is killed, and how one sees that it is there.

To add something that must survive: a `Writer`, and its name in `WRITERS`.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from botocore.exceptions import ClientError

Client = Callable[[str], Any]
"""A boto3 client by the name of its service."""
_DELIVERY_SECONDS = 30.0
_COPIES = 50


class Writer(Protocol):
    """One kind of write."""

    def prepare(self, client: Client) -> None:
        """Make what is written to; called once, before the first kill."""

    def write(self, client: Client, number: int) -> Any:
        """Write number `number` and return, once it is acknowledged, what must be there."""

    def missing(self, client: Client, acknowledged: Sequence[Any]) -> list[Any]:
        """Which of these are not there."""


class Items:
    """DynamoDB's PutItem."""

    def prepare(self, client: Client) -> None:
        """A table."""
        client("dynamodb").create_table(
            TableName="kills",
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def write(self, client: Client, number: int) -> str:
        """An item."""
        client("dynamodb").put_item(TableName="kills", Item={"k": {"S": str(number)}})
        return str(number)

    def missing(self, client: Client, acknowledged: Sequence[Any]) -> list[Any]:
        """Keys without an item."""
        pages = client("dynamodb").get_paginator("scan").paginate(TableName="kills")
        found = {item["k"]["S"] for page in pages for item in page["Items"]}
        return [key for key in acknowledged if key not in found]


class Queued:
    """What is told by the messages of a queue, all received at the end."""

    def __init__(self, queue: str) -> None:
        self.queue = queue
        self._found: set[str] = set()

    def prepare(self, client: Client) -> None:
        """The queue."""
        client("sqs").create_queue(QueueName=self.queue, Attributes={"VisibilityTimeout": "600"})

    def url(self, client: Client) -> str:
        """The queue's address."""
        return str(client("sqs").get_queue_url(QueueName=self.queue)["QueueUrl"])

    def told(self, body: str) -> str:
        """What a message tells."""
        return body

    def missing(self, client: Client, acknowledged: Sequence[Any]) -> list[Any]:
        """What no message has told, after a while: events may be on their way."""
        deadline = time.monotonic() + _DELIVERY_SECONDS
        while not self._found.issuperset(acknowledged) and time.monotonic() < deadline:
            self._receive(client)
        return [each for each in acknowledged if each not in self._found]

    def _receive(self, client: Client) -> None:
        sqs, url = client("sqs"), self.url(client)
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for message in answer.get("Messages", []):
            self._found.add(self.told(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


class Messages(Queued):
    """SQS's SendMessage."""

    def write(self, client: Client, number: int) -> str:
        """A message."""
        client("sqs").send_message(QueueUrl=self.url(client), MessageBody=str(number))
        return str(number)


class Events(Queued):
    """EventBridge's PutEvents, through a rule to a queue."""

    def prepare(self, client: Client) -> None:
        """A rule, and a queue that takes its events."""
        super().prepare(client)
        arn = f"arn:aws:sqs:us-east-1:000000000000:{self.queue}"
        _let_in(client, self.url(client), arn, "events.amazonaws.com")
        client("events").put_rule(Name="kills", EventPattern=json.dumps({"source": ["kills"]}))
        client("events").put_targets(Rule="kills", Targets=[{"Id": "queue", "Arn": arn}])

    def told(self, body: str) -> str:
        """The number in its detail."""
        return str(json.loads(body)["detail"]["number"])

    def write(self, client: Client, number: int) -> str:
        """An event."""
        entry = {"Source": "kills", "DetailType": "Killed", "Detail": json.dumps({"number": number})}
        client("events").put_events(Entries=[entry])
        return str(number)


class Objects(Queued):
    """S3's PutObject, and the notification of it."""

    def prepare(self, client: Client) -> None:
        """A versioned bucket that notifies a queue."""
        super().prepare(client)
        arn, s3 = f"arn:aws:sqs:us-east-1:000000000000:{self.queue}", client("s3")
        _let_in(client, self.url(client), arn, "s3.amazonaws.com")
        s3.create_bucket(Bucket="kills")
        s3.put_bucket_versioning(Bucket="kills", VersioningConfiguration={"Status": "Enabled"})
        told = [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]
        s3.put_bucket_notification_configuration(
            Bucket="kills", NotificationConfiguration={"QueueConfigurations": told}
        )

    def told(self, body: str) -> str:
        """The key and the version."""
        described = json.loads(body).get("Records", [{"s3": {"object": {"key": ""}}}])[0]["s3"]["object"]
        return f"{described['key']} {described.get('versionId')}"

    def write(self, client: Client, number: int) -> str:
        """A new version of one of some objects."""
        key = f"key-{number % 7}"
        answer = client("s3").put_object(Bucket="kills", Key=key, Body=str(number).encode() * _COPIES)
        return f"{key} {answer['VersionId']}"

    def missing(self, client: Client, acknowledged: Sequence[Any]) -> list[Any]:
        """Versions that are not there, or not whole, or were not told of."""
        lost = [each for each in acknowledged if not _is_whole(client, *each.split())]
        return lost + super().missing(client, acknowledged)


class Parameters:
    """SSM's PutParameter."""

    def prepare(self, client: Client) -> None:
        """Nothing is needed."""

    def write(self, client: Client, number: int) -> str:
        """A parameter."""
        client("ssm").put_parameter(Name=f"/kills/{number}", Value=str(number), Type="String")
        return f"/kills/{number}"

    def missing(self, client: Client, acknowledged: Sequence[Any]) -> list[Any]:
        """Names without a parameter."""
        pages = client("ssm").get_paginator("get_parameters_by_path").paginate(Path="/kills")
        found = {each["Name"] for page in pages for each in page["Parameters"]}
        return [name for name in acknowledged if name not in found]


WRITERS: Mapping[str, Callable[[], Writer]] = {
    "items": Items,
    "messages": lambda: Messages("kills-messages"),
    "events": lambda: Events("kills-events"),
    "objects": lambda: Objects("kills-objects"),
    "parameters": Parameters,
}


def _let_in(client: Client, url: str, arn: str, service: str) -> None:
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


def _is_whole(client: Client, key: str, version: str) -> bool:
    try:
        answer = client("s3").get_object(Bucket="kills", Key=key, VersionId=version)
    except ClientError:
        return False
    body = answer["Body"].read()
    return bool(len(body) == answer["ContentLength"] and body == body[: len(body) // 50] * _COPIES)
