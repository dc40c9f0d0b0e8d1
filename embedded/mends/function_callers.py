"""Topics, buckets and log groups call a function only where its policy lets them; MiniStack never looks.

https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
What a topic may not deliver goes to the subscription's dead-letter queue and is not tried again, as on AWS:
https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
"""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from embedded.resource_policies import allows, refusal

logger = logging.getLogger(__name__)

_INVOKE = "lambda:InvokeFunction"
_TOPICS, _BUCKETS, _LOGS = "sns.amazonaws.com", "s3.amazonaws.com", "logs.amazonaws.com"


def install() -> None:
    """Ask before each delivery, and where AWS asks already when one is set up."""
    from ministack.services import cloudwatch_logs, s3, sns

    sns._deliver_to_lambda = _from_topics(sns._deliver_to_lambda)
    s3._deliver_event_to_lambda = _from_buckets(s3._deliver_event_to_lambda)
    s3._validate_notification_configs = _validated(s3._validate_notification_configs)
    cloudwatch_logs._put_subscription_filter = _from_logs(cloudwatch_logs._put_subscription_filter)


def _from_topics(deliver: Any) -> Any:
    def delivered(function: str, envelope: str, topic: str, subscription: str, *rest: Any) -> None:
        reason = refusal(_TOPICS, _INVOKE, function, source_arn=topic)
        if reason is None:
            deliver(function, envelope, topic, subscription, *rest)
        else:
            _fail(topic, subscription, envelope, reason)

    return delivered


def _fail(topic_arn: str, subscription_arn: str, envelope: str, reason: str) -> None:
    from ministack.services import cloudwatch, sns, sqs

    logger.warning("%s was not delivered: %s", subscription_arn, reason)
    dimensions = {"TopicName": topic_arn.rpartition(":")[2]}
    cloudwatch.record_metric("AWS/SNS", "NumberOfNotificationsFailed", 1, "Count", dimensions)
    subscriptions = (sns._topics.get(topic_arn) or {}).get("subscriptions", [])
    queue = dead_letter_queue(subscriptions, subscription_arn)
    if queue and allows(_TOPICS, "sqs:SendMessage", queue, source_arn=topic_arn):
        sqs._act_send_message({"MessageBody": envelope}, sqs._queue_by_arn(queue)["url"])


def dead_letter_queue(subscriptions: Sequence[Mapping[str, Any]], arn: str) -> str:
    """The ARN of a subscription's dead-letter queue; empty where it has none."""
    found = next((each for each in subscriptions if each.get("arn") == arn), {})
    policy = json.loads((found.get("attributes") or {}).get("RedrivePolicy") or "{}")
    return str(policy.get("deadLetterTargetArn", ""))


def _from_buckets(deliver: Any) -> Any:
    def delivered(function: str, event: Mapping[str, Any], region: str) -> None:
        bucket = event["Records"][0]["s3"]["bucket"]["arn"]
        reason = refusal(_BUCKETS, _INVOKE, function, source_arn=bucket)
        if reason is None:
            deliver(function, event, region)
        else:
            logger.warning("%s notified nobody: %s", bucket, reason)

    return delivered


def _validated(validate: Any) -> Any:
    """A notification that could not be delivered is refused when it is set up."""

    def validated(
        configs: Sequence[Mapping[str, Any]],
        region: str,
        bucket: str = "",
        skip_destination_validation: bool = False,
    ) -> Any:
        from ministack.services import s3

        error = validate(configs, region, bucket, skip_destination_validation)
        if error or skip_destination_validation:
            return error
        source = f"arn:aws:s3:::{bucket}"
        functions = [each["arn"] for each in configs if each["type"] == "lambda"]
        closed = [each for each in functions if not allows(_BUCKETS, _INVOKE, each, source_arn=source)]
        message = f"Unable to validate the following destination configurations: {', '.join(closed)}"
        return s3._invalid_notification_config(message) if closed else None

    return validated


def _from_logs(put: Any) -> Any:
    """Lambda's policy is looked at when a filter is put: the test message that AWS sends then."""

    def put_filter(request: Mapping[str, Any]) -> Any:
        from ministack.core.responses import error_response_json
        from ministack.services import cloudwatch_logs

        function, group = str(request.get("destinationArn", "")), str(request.get("logGroupName", ""))
        asked = ":function:" in function and group in cloudwatch_logs._log_groups
        source = cloudwatch_logs._make_group_arn(group)
        if not asked or allows(_LOGS, _INVOKE, function, source_arn=source):
            return put(request)
        return error_response_json(
            "InvalidParameterException",
            "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to "
            "execute your function.",
            400,
        )

    return put_filter
