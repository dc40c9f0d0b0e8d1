"""From events on the bus to the function that tells GitHub of them."""

from collections.abc import Callable

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk_app.constructs.bus_patterns import published
from cdk_app.constructs.work_queue import WorkQueue
from cdk_app.functions import github
from cdk_app.functions.spec import Foundation, FunctionSpec
from cdk_app.settings import StageSettings
from sluiceway.github.report_events import TOLD


class GitHubReports(Construct):
    """Through a queue: GitHub's limits last up to an hour, and asynchronous calls are retried for minutes."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: StageSettings,
        on: Foundation,
        function: Callable[[FunctionSpec], lambda_.Function],
        dead: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        self.work = WorkQueue(self, "Work", longest_function=github.REPORT_SECONDS, tries=TRIES)
        report = function(github.report_run(on, settings=settings, queue=self.work.queue))
        # One after the other: a limit that one message meets is not met by ten. Two is the least there is.
        self.work.feed(report, batch_size=1, window_seconds=0, max_concurrency=2)
        events.Rule(
            self,
            "Rule",
            event_bus=on.storage.bus,
            description="Something that GitHub may be told of",
            event_pattern=published(self, *TOLD),
            targets=[targets.SqsQueue(self.work.queue, dead_letter_queue=dead)],
        )


TRIES = 18
"""Every four minutes: for longer than the hour after which GitHub's limits begin anew."""
