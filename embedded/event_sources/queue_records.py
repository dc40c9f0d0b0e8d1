"""The record that a message of a queue becomes.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event
"""

from collections.abc import Mapping
from typing import Any

_OPTIONAL = {
    "group_id": "MessageGroupId",
    "dedup_id": "MessageDeduplicationId",
    "seq": "SequenceNumber",
}


def record(message: Mapping[str, Any], queue_arn: str) -> dict[str, Any]:
    """One entry of `Records`."""
    region = queue_arn.split(":")[3]
    return {
        "messageId": message["id"],
        "receiptHandle": message["receipt_handle"],
        "body": message["body"],
        "attributes": _attributes(message),
        "messageAttributes": {
            name: {key[0].lower() + key[1:]: each for key, each in value.items()}
            for name, value in (message.get("message_attributes") or {}).items()
        },
        "md5OfBody": message.get("md5_body") or message.get("md5") or "",
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": region,
    }


def _attributes(message: Mapping[str, Any]) -> dict[str, str]:
    system = message.get("sys") or {}
    first = message.get("first_receive_at") or message["sent_at"]
    optional = {name: str(message[key]) for key, name in _OPTIONAL.items() if message.get(key)}
    trace = {"AWSTraceHeader": system["AWSTraceHeader"]} if system.get("AWSTraceHeader") else {}
    return {
        "ApproximateReceiveCount": str(message.get("receive_count", 1)),
        "SentTimestamp": str(int(message["sent_at"] * 1000)),
        "SenderId": str(system.get("SenderId", "")),
        "ApproximateFirstReceiveTimestamp": str(int(first * 1000)),
        **optional,
        **trace,
    }
