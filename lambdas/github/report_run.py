"""Tell GitHub how projects, runs and deployments of its commits stand."""

from typing import Any, Literal

import orjson
from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from lambdas.batches import message_processor
from lambdas.connections import ledger, objects
from lambdas.github.connection import ConnectedEnvironment, connected
from lambdas.runtime import Event, environment, instrumented, logger
from sluiceway.gateways.github_reports import GitHubReports, Reports
from sluiceway.github.report_events import TOLD
from sluiceway.github.report_facts import Facts
from sluiceway.github.report_run import Reporting, report_run

processor = message_processor()


class Environment(ConnectedEnvironment):
    """Environment variables of `report_run`."""

    artifacts_bucket: str
    endpoint_prefix: str
    job_cpu_architecture: Literal["X86_64", "ARM64"] = "X86_64"


@instrumented
def handler(event: Event, context: Any) -> Any:
    """SQS messages that carry events of the bus; those that could not be told are delivered again."""
    return process_partial_response(event=event, record_handler=_report, processor=processor, context=context)


def _report(record: SQSRecord) -> None:
    envelope = orjson.loads(record.body)
    told = TOLD[envelope["detail-type"]].model_validate(envelope["detail"])
    reported = report_run(told, _reporting())
    if reported is not None:
        logger.info("told GitHub", extra={"reported": reported.model_dump(exclude_none=True)})


def _reporting() -> Reporting:
    settings = environment(Environment)
    facts = Facts(
        ledger=ledger(settings.ledger_table),
        objects=objects(),
        artifacts_bucket=settings.artifacts_bucket,
        endpoint_prefix=settings.endpoint_prefix,
        cpu_architecture=settings.job_cpu_architecture,
    )
    return Reporting(facts=facts, connect=_connect)


def _connect() -> Reports:
    return GitHubReports(connected(environment(Environment)).rest)
