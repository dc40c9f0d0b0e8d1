"""A queue that feeds one function, with a dead-letter queue behind it."""

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk_app.constructs.dead_letters import dead_letters

_LONGEST_FUNCTION = 120


class WorkQueue(Construct):
    """Messages are tried some times; one bad message never takes its batch with it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        longest_function: int = _LONGEST_FUNCTION,
        tries: int = 5,
    ) -> None:
        """`longest_function`: seconds that the function which is fed may take."""
        super().__init__(scope, construct_id)
        self.dead_letters = dead_letters(self, "DeadLetters")
        self.queue = sqs.Queue(
            self,
            "Queue",
            # Six times the function's timeout (Lambda developer guide), so that a throttled batch waits.
            visibility_timeout=cdk.Duration.seconds(6 * longest_function),
            retention_period=cdk.Duration.days(4),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=tries),
        )

    def feed(
        self, function: lambda_.IFunction, *, batch_size: int, window_seconds: int, max_concurrency: int
    ) -> None:
        """Let the queue call `function`, whose role must allow to receive and delete messages."""
        lambda_.EventSourceMapping(
            self,
            "Mapping",
            target=function,
            event_source_arn=self.queue.queue_arn,
            batch_size=batch_size,
            max_batching_window=cdk.Duration.seconds(window_seconds) if window_seconds else None,
            max_concurrency=max_concurrency,
            report_batch_item_failures=True,
        )
