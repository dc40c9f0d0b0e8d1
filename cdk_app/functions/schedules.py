"""Functions that keep the projects' schedules, and let moments go on that have waited."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs

from cdk_app.functions.ledger import on_ledger
from cdk_app.functions.spec import Foundation, FunctionSpec
from cdk_app.statements import allow, arn, pass_role


def schedules_of(on: Foundation, group: str) -> str:
    """ARNs of all schedules of a group."""
    return arn(on.storage, "scheduler", f"schedule/{group}/*")


def sync_schedules(on: Foundation, *, group: str, role: iam.IRole, dead: sqs.IQueue) -> FunctionSpec:
    """The only function that makes, changes and removes schedules: those of one group, under one role."""
    storage = on.storage
    return FunctionSpec(
        name="schedules/sync_schedules",
        does="Make the schedules of a project those that its latest code wants",
        timeout_seconds=120,
        environment={
            "LEDGER_TABLE": storage.ledger.table_name,
            "EVENT_BUS_ARN": storage.bus.event_bus_arn,
            "SCHEDULE_GROUP": group,
            "SCHEDULE_ROLE_ARN": role.role_arn,
            "DEAD_LETTERS_ARN": dead.queue_arn,
        },
        may=[
            on_ledger(storage.ledger, "GetItem", "PutItem"),
            # Listing has no resources: it shows names, of which those of other groups are of no use.
            allow("scheduler:ListSchedules", on="*"),
            allow(
                "scheduler:GetSchedule",
                "scheduler:CreateSchedule",
                "scheduler:UpdateSchedule",
                "scheduler:DeleteSchedule",
                on=schedules_of(on, group),
            ),
            pass_role(role.role_arn, to="scheduler.amazonaws.com"),
            allow("sqs:SendMessage", on=dead.queue_arn),
        ],
    )


def resume_schedule(on: Foundation, *, failures: sqs.IQueue) -> FunctionSpec:
    """Starts no run itself: it tells the bus that a moment goes on."""
    storage = on.storage
    return FunctionSpec(
        name="schedules/resume_schedule",
        does="Let the oldest moment of a schedule go on that waits for a run which has ended",
        environment={
            "LEDGER_TABLE": storage.ledger.table_name,
            "EVENT_BUS": storage.bus.event_bus_name,
        },
        may=[
            on_ledger(storage.ledger, "GetItem", "Query"),
            allow("events:PutEvents", on=storage.bus.event_bus_arn),
            allow("sqs:SendMessage", on=failures.queue_arn),
        ],
    )
