"""What starts a run: uploads, settled datasets, events, schedules."""

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cdk_app.constructs.asked_deployments import AskedDeployments
from cdk_app.constructs.dead_letters import dead_letters, keep_failed_calls
from cdk_app.constructs.export_schedule import ExportSchedule
from cdk_app.constructs.github_reports import GitHubReports
from cdk_app.constructs.query_requests import QueryRequests
from cdk_app.constructs.run_requests import RunRequests
from cdk_app.constructs.schedules import ProjectSchedules
from cdk_app.constructs.task_function import TaskFunction, function_layers
from cdk_app.constructs.upload_events import UploadEvents
from cdk_app.constructs.webhooks import Webhooks
from cdk_app.constructs.work_queue import WorkQueue
from cdk_app.functions import datasets, triggers
from cdk_app.functions.spec import Foundation, FunctionSpec
from cdk_app.settings import StageSettings
from cdk_app.stacks.pipeline import PipelineStack


class TriggersStack(cdk.Stack):
    """Uploads go through queues, events through rules; both keep what fails."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: StageSettings,
        stack_name: str,
        foundation: Foundation,
        pipeline: PipelineStack,
    ) -> None:
        super().__init__(scope, construct_id, stack_name=stack_name)
        self._settings = settings
        self._layers = function_layers(self, settings=settings, names=("runtime", "signing"))
        self.uploads = WorkQueue(self, "Uploads")
        self.settle = WorkQueue(self, "Settle")
        self.dead_letters = dead_letters(self, "DeadLetters")
        self.functions: dict[str, lambda_.Function] = {}
        self._collect(foundation)
        self._request(foundation, pipeline)
        self._deploy(foundation, pipeline)
        self._schedule(foundation)
        QueryRequests(
            self,
            "QueryRequests",
            settings=settings,
            on=foundation,
            pipeline=pipeline,
            function=self._function,
            dead=self.dead_letters,
        )
        self.reports = GitHubReports(
            self,
            "GitHubReports",
            settings=settings,
            on=foundation,
            function=self._function,
            dead=self.dead_letters,
        )
        self.webhooks = Webhooks(
            self,
            "Webhooks",
            settings=settings,
            on=foundation,
            function=self._function,
            dead=self.dead_letters,
        )
        ExportSchedule(
            self,
            "Export",
            settings=settings,
            export_metrics=pipeline.export_metrics,
            dead=self.dead_letters,
        )

    def _collect(self, on: Foundation) -> None:
        collect = self._function(
            triggers.collect_uploads(
                on,
                uploads_queue=self.uploads.queue,
                settle_queue=self.settle.queue,
                settle_seconds=self._settings.settle_seconds,
            )
        )
        settle = self._function(
            datasets.settle_dataset(
                on, settle_queue=self.settle.queue, settle_seconds=self._settings.settle_seconds
            )
        )
        # No window: it would be waited for before every single push. A burst fills batches by itself.
        self.uploads.feed(collect, batch_size=10, window_seconds=0, max_concurrency=10)
        self.settle.feed(settle, batch_size=1, window_seconds=0, max_concurrency=5)
        UploadEvents(
            self, "UploadEvents", uploads=on.storage.uploads, queue=self.uploads.queue, dead=self.dead_letters
        )

    def _request(self, on: Foundation, pipeline: PipelineStack) -> None:
        request = self._function(
            triggers.request_runs(on, run_pipeline=pipeline.run_pipeline, failures=self.dead_letters)
        )
        keep_failed_calls(self, "RequestRunsFailures", function=request, queue=self.dead_letters)
        RunRequests(self, "RunRequests", bus=on.storage.bus, request_runs=request, dead=self.dead_letters)

    def _deploy(self, on: Foundation, pipeline: PipelineStack) -> None:
        AskedDeployments(
            self,
            "AskedDeployments",
            settings=self._settings,
            on=on,
            deploy_model=pipeline.deploy_model,
            function=self._function,
            dead=self.dead_letters,
        )

    def _schedule(self, on: Foundation) -> None:
        ProjectSchedules(
            self,
            "Schedules",
            settings=self._settings,
            on=on,
            function=self._function,
            dead=self.dead_letters,
        )

    def _function(self, spec: FunctionSpec) -> lambda_.Function:
        made = TaskFunction(self, spec.construct_id, spec=spec, settings=self._settings, layers=self._layers)
        self.functions[spec.construct_id] = made.function
        return made.function
