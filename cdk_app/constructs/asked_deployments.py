"""Deployments that no run asks for: wishes of people, and aliases that they move in the registry."""

from collections.abc import Callable

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk_app.constructs.dead_letters import keep_failed_calls
from cdk_app.constructs.deployment_requests import DeploymentRequests
from cdk_app.constructs.registry_sweep import RegistrySweep
from cdk_app.functions import endpoints
from cdk_app.functions.spec import Foundation, FunctionSpec
from cdk_app.settings import StageSettings


class AskedDeployments(Construct):
    """Two functions of the stack, and what calls them."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: StageSettings,
        on: Foundation,
        deploy_model: sfn.IStateMachine,
        function: Callable[[FunctionSpec], lambda_.Function],
        dead: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        request = function(endpoints.request_deployment(on, deploy_model=deploy_model, failures=dead))
        sweep = function(endpoints.sweep_registry(on))
        bus = on.storage.bus
        DeploymentRequests(self, "Requests", bus=bus, request_deployment=request, dead=dead)
        RegistrySweep(self, "Sweep", settings=settings, bus=bus, sweep_registry=sweep, dead=dead)
        keep_failed_calls(self, "RequestFailures", function=request, queue=dead)
