"""Where work is done: network, pools, images, and the roles of jobs and endpoints."""

import aws_cdk as cdk
from constructs import Construct

from cdk_app.constructs.batch_roles import BatchRoles
from cdk_app.constructs.build_environment import BuildEnvironment
from cdk_app.constructs.cpu_pool import CpuPool
from cdk_app.constructs.endpoint_role import EndpointRole
from cdk_app.constructs.environments import Environments
from cdk_app.constructs.logs import log_group
from cdk_app.constructs.network import Network
from cdk_app.settings import StageSettings
from cdk_app.stacks.storage import StorageStack
from cdk_app.stacks.tracking import TrackingStack


class ComputeStack(cdk.Stack):
    """Everything here is paid by the second of use, and by nothing else."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: StageSettings,
        stack_name: str,
        storage: StorageStack,
        tracking: TrackingStack,
    ) -> None:
        super().__init__(scope, construct_id, stack_name=stack_name)
        artifacts = storage.artifacts
        self.repository = Environments(self, "Environments", keep=settings.keep_data).repository
        # A name of its own: job definitions are registered by record_image, which only knows names.
        self.step_logs = log_group(
            self,
            "Steps",
            retention_days=settings.log_retention_days,
            name=f"/sluiceway/{settings.stage}/steps",
        )
        self.queue = CpuPool(
            self, "Pool", network=Network(self, "Network"), max_vcpus=settings.max_vcpus
        ).queue
        self.build = BuildEnvironment(
            self, "BuildEnvironment", settings=settings, artifacts=artifacts, repository=self.repository
        )
        self.roles = BatchRoles(
            self,
            "Jobs",
            uploads=storage.uploads,
            artifacts=artifacts,
            repository=self.repository,
            step_logs=self.step_logs,
            tracking=tracking.statements(),
        )
        self.endpoint_role = EndpointRole(
            self, "Endpoints", artifacts=artifacts, repository=self.repository
        ).role
