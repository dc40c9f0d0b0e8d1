"""From an object in the uploads bucket to a message on the queue."""

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct


class UploadEvents(Construct):
    """Every new object, whatever its key: a misplaced one is refused with a reason, not overlooked."""

    def __init__(
        self, scope: Construct, construct_id: str, *, uploads: s3.IBucket, queue: sqs.IQueue, dead: sqs.IQueue
    ) -> None:
        super().__init__(scope, construct_id)
        events.Rule(
            self,
            "Rule",
            description="An object was uploaded",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={"bucket": {"name": [uploads.bucket_name]}},
            ),
            targets=[targets.SqsQueue(queue, dead_letter_queue=dead)],
        )
