"""From an object in the uploads bucket to a message on the queue."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

_DATA = {"key": [{"prefix": "data/"}]}


class UploadEvents(Construct):
    """Every new object, whatever its key: a misplaced one is refused with a reason, not overlooked.

    And every deletion of data, also by a lifecycle rule: what is left is another version.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, uploads: s3.IBucket, queue: sqs.IQueue, dead: sqs.IQueue
    ) -> None:
        super().__init__(scope, construct_id)
        target = targets.SqsQueue(queue, dead_letter_queue=dead)
        for name, kind, what, detail in (
            ("Rule", "Object Created", "An object was uploaded", {}),
            ("Deleted", "Object Deleted", "An object of a dataset was deleted", {"object": _DATA}),
        ):
            events.Rule(
                self,
                name,
                description=what,
                event_pattern=_pattern(kind, uploads, detail),
                targets=[target],
            )


def _pattern(kind: str, uploads: s3.IBucket, detail: Mapping[str, Any]) -> events.EventPattern:
    return events.EventPattern(
        source=["aws.s3"],
        detail_type=[kind],
        detail={"bucket": {"name": [uploads.bucket_name]}, **detail},
    )
