"""Where messages go that nobody could handle: kept for two weeks, and watched by an alarm."""

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct


def dead_letters(scope: Construct, construct_id: str) -> sqs.Queue:
    """A queue for what failed for good."""
    return sqs.Queue(
        scope,
        construct_id,
        retention_period=cdk.Duration.days(14),
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
    )


def keep_failed_calls(
    scope: Construct, construct_id: str, *, function: lambda_.IFunction, queue: sqs.IQueue
) -> None:
    """Send events to `queue` with which an asynchronously called function failed three times.

    A rule's own dead-letter queue only takes what could not be handed over; this takes what then failed.
    The function's role must allow `sqs:SendMessage` on the queue.
    """
    lambda_.CfnEventInvokeConfig(
        scope,
        construct_id,
        function_name=function.function_name,
        qualifier="$LATEST",
        maximum_retry_attempts=2,
        maximum_event_age_in_seconds=21600,
        destination_config=lambda_.CfnEventInvokeConfig.DestinationConfigProperty(
            on_failure=lambda_.CfnEventInvokeConfig.OnFailureProperty(destination=queue.queue_arn)
        ),
    )
