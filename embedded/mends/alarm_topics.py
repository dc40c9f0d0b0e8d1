"""An alarm notifies a topic only where the topic's policy lets CloudWatch publish; MiniStack never looks.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
"""

import logging
from collections.abc import Mapping
from typing import Any

from embedded.resource_policies import refusal

logger = logging.getLogger(__name__)

_CLOUDWATCH = "cloudwatch.amazonaws.com"
_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")


def install() -> None:
    """Take the topics that are closed to an alarm out of its actions, each time it acts."""
    from ministack.services import cloudwatch

    dispatch = cloudwatch._dispatch_alarm_actions

    def dispatched(alarm: Mapping[str, Any], *rest: Any) -> None:
        dispatch(_with_open_topics(alarm), *rest)

    cloudwatch._dispatch_alarm_actions = dispatched


def _with_open_topics(alarm: Mapping[str, Any]) -> dict[str, Any]:
    return {**alarm, **{key: _open(alarm, key) for key in _ACTIONS if alarm.get(key)}}


def _open(alarm: Mapping[str, Any], key: str) -> list[str]:
    return [arn for arn in alarm[key] if ":sns:" not in arn or not _closed(arn, alarm)]


def _closed(topic_arn: str, alarm: Mapping[str, Any]) -> bool:
    reason = refusal(_CLOUDWATCH, "sns:Publish", topic_arn, source_arn=str(alarm.get("AlarmArn", "")))
    if reason:
        logger.warning("%s notified nobody: %s", alarm.get("AlarmName"), reason)
    return reason is not None
