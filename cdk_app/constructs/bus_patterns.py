"""Which events on the stage's bus count: the platform's own, and wishes of whoever may put events there."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_events as events
from constructs import IConstruct

from sluiceway.triggers.contracts import EVENT_SOURCE


def published(scope: IConstruct, *detail_types: str) -> events.EventPattern:
    """Facts that the platform itself tells: nobody in another account can forge one."""
    return events.EventPattern(
        source=[EVENT_SOURCE], account=[cdk.Stack.of(scope).account], detail_type=list(detail_types)
    )


def asked(*detail_types: str) -> events.EventPattern:
    """Wishes of others, under any other source. Whose they may be, the bus's policy says."""
    return events.EventPattern(source=events.Match.anything_but(EVENT_SOURCE), detail_type=list(detail_types))


def statement_conditions(detail_types: Sequence[str]) -> dict[str, dict[str, object]]:
    """Only these wishes, and never in the platform's own name.

    `ForAllValues`: a request carries up to ten events, and each must be one of them.
    """
    return {
        "ForAllValues:StringEquals": {"events:detail-type": list(detail_types)},
        "ForAllValues:StringNotEquals": {"events:source": EVENT_SOURCE},
    }
