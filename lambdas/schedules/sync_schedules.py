"""Makes the schedules of a project those that its latest code wants."""

from typing import Any

from lambdas.connections import ledger
from lambdas.runtime import Event, FunctionEnvironment, client, environment, instrumented, logger
from sluiceway.gateways.schedules import SchedulerSchedules
from sluiceway.schedules.contracts import CAUSES
from sluiceway.schedules.sync_schedules import Syncing, sync_schedules


class Environment(FunctionEnvironment):
    """Environment variables of `sync_schedules`."""

    ledger_table: str
    event_bus_arn: str
    schedule_group: str
    schedule_role_arn: str
    dead_letters_arn: str


@instrumented
def handler(event: Event, _context: Any) -> Event:
    """`CodePushed` or `ProjectRetired` in EventBridge's envelope."""
    cause = CAUSES[event["detail-type"]].model_validate(event["detail"])
    synced = sync_schedules(cause, _syncing())
    logger.info("schedules synced", extra={"synced": synced.model_dump()})
    return synced.model_dump(mode="json")


def _syncing() -> Syncing:
    settings = environment(Environment)
    schedules = SchedulerSchedules(
        client("scheduler"),
        group=settings.schedule_group,
        bus_arn=settings.event_bus_arn,
        role_arn=settings.schedule_role_arn,
        dead_letters_arn=settings.dead_letters_arn,
    )
    return Syncing(ledger=ledger(settings.ledger_table), schedules=schedules)
