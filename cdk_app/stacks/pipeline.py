"""What a run does: the functions and state machines of training, images, models, endpoints and metrics."""

from collections.abc import Iterator

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk_app.constructs.dead_letters import dead_letters, keep_failed_calls
from cdk_app.constructs.machine import Machine
from cdk_app.constructs.query_workgroup import QueryWorkgroup
from cdk_app.constructs.task_function import TaskFunction, function_layers
from cdk_app.constructs.unfinished_deployments import UnfinishedDeployments
from cdk_app.constructs.unfinished_queries import UnfinishedQueries
from cdk_app.constructs.unfinished_runs import UnfinishedRuns
from cdk_app.functions import datasets, endpoints, images, metrics, models, training
from cdk_app.functions.spec import Foundation, FunctionSpec, pascal_case
from cdk_app.machines.build_image import build_image
from cdk_app.machines.deploy_model import deploy_model
from cdk_app.machines.export_metrics import export_metrics
from cdk_app.machines.query_dataset import query_dataset, workgroups
from cdk_app.machines.run_pipeline import run_pipeline
from cdk_app.machines.spec import MachineSpec
from cdk_app.settings import StageSettings


class PipelineStack(cdk.Stack):
    """Everything that a run goes through, once it was requested."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: StageSettings,
        stack_name: str,
        foundation: Foundation,
    ) -> None:
        super().__init__(scope, construct_id, stack_name=stack_name)
        self._settings = settings
        self.dead_letters = dead_letters(self, "DeadLetters")
        QueryWorkgroup(self, "Queries", settings=settings, artifacts=foundation.storage.artifacts)
        self.functions = self._functions(foundation)
        self._machines(foundation)
        fail_run = self.functions["FailRun"]
        keep_failed_calls(self, "FailRunFailures", function=fail_run, queue=self.dead_letters)
        UnfinishedRuns(
            self,
            "UnfinishedRuns",
            run_pipeline=self.run_pipeline,
            fail_run=fail_run,
            dead_letters=self.dead_letters,
        )
        UnfinishedQueries(
            self,
            "UnfinishedQueries",
            query_dataset=self.query_dataset,
            fail_query=self.functions["FailQuery"],
            dead_letters=self.dead_letters,
        )
        UnfinishedDeployments(
            self, "UnfinishedDeployments", deploy_model=self.deploy_model, dead_letters=self.dead_letters
        )

    def _functions(self, on: Foundation) -> dict[str, lambda_.Function]:
        layers = function_layers(self, settings=self._settings, names=("runtime", "arrow"))
        return {
            spec.construct_id: TaskFunction(
                self, spec.construct_id, spec=spec, settings=self._settings, layers=layers
            ).function
            for spec in self._specs(on)
        }

    def _specs(self, on: Foundation) -> Iterator[FunctionSpec]:
        prefix = self._settings.resource_prefix
        yield from (training.plan_run(on), training.finish_run(on))
        yield training.fail_run(on, failures=self.dead_letters)
        yield from (images.prepare_build(on), images.record_image(on, prefix=prefix))
        yield from (models.plan_evaluation(on), models.register_model(on), models.decide_gate(on))
        yield endpoints.start_deployment(on, prefix=prefix)
        yield endpoints.check_deployment(on, prefix=prefix)
        yield endpoints.verify_deployment(on, prefix=prefix)
        yield endpoints.promote_model(on)
        yield endpoints.fail_deployment(on, prefix=prefix)
        yield datasets.publish_query(on, workgroups=workgroups(self, self._settings))
        yield datasets.fail_query(on, failures=self.dead_letters)
        yield from (metrics.plan_export(on), metrics.export_shard(on), metrics.finish_export(on))

    def _machines(self, on: Foundation) -> None:
        poll = self._settings.endpoint_poll_seconds
        self.build_image = self._machine(build_image(self, on, self.functions))
        self.deploy_model = self._machine(deploy_model(self.functions, endpoint_poll_seconds=poll))
        self.export_metrics = self._machine(export_metrics(self.functions))
        self.query_dataset = self._machine(query_dataset(self, on, self.functions, settings=self._settings))
        self.run_pipeline = self._machine(
            run_pipeline(
                self,
                on,
                self.functions,
                build_image=self.build_image,
                deploy_model=self.deploy_model,
                prefix=self._settings.resource_prefix,
            )
        )

    def _machine(self, spec: MachineSpec) -> sfn.StateMachine:
        construct_id = pascal_case(spec.name)
        return Machine(self, construct_id, spec=spec, settings=self._settings).machine
