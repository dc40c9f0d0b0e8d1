"""A bus's own policy counts when IAM is asked about the bus; MiniStack keeps it and never reads it.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-perms.html
"""

from typing import Any


def install() -> None:
    """Let the evaluator find the policies of buses as it finds those of queues."""
    from ministack.core import iam_evaluator
    from ministack.services import eventbridge

    eventbridge.bus_policy_for_arn = policy_of
    iam_evaluator._RESOURCE_POLICY_LOOKUPS["events"] = ("eventbridge", "bus_policy_for_arn")


def policy_of(arn: str) -> tuple[Any, str] | None:
    """A bus's policy and its account; None for an ARN that is no bus's."""
    from ministack.services import eventbridge

    account, region, name = arn.split(":")[4], arn.split(":")[3], arn.rpartition("/")[2]
    if ":event-bus/" not in arn or eventbridge._event_buses.get_scoped(account, region, name) is None:
        return None
    return eventbridge._event_bus_policies.get_scoped(account, region, name) or "", account
