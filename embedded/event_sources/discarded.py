"""What a destination hears of a batch of a stream that was given up.

https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-errors.html
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from embedded.event_sources.stream_batches import Record, created, sequence_number

_SHARD = "shardId-00000000000000000000-00000000"


def invocation_record(
    records: Sequence[Record],
    stream_arn: str,
    function_arn: str,
    *,
    condition: str,
    attempts: int,
    now: float,
) -> dict[str, Any]:
    """The record that goes to the destination; it names the batch, not its content."""
    return {
        "requestContext": {
            "requestId": str(uuid4()),
            "functionArn": function_arn,
            "condition": condition,
            "approximateInvokeCount": attempts,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
        "version": "1.0",
        "timestamp": _iso(now),
        "DDBStreamBatchInfo": {
            "shardId": _SHARD,
            "startSequenceNumber": sequence_number(records[0]),
            "endSequenceNumber": sequence_number(records[-1]),
            "approximateArrivalOfFirstRecord": _iso(created(records[0])),
            "approximateArrivalOfLastRecord": _iso(created(records[-1])),
            "batchSize": len(records),
            "streamArn": stream_arn,
        },
    }


def _iso(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
