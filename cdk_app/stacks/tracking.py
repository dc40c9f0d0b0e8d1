"""Where runs are tracked and models registered."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from cdk_app.constructs.mlflow_app import MlflowApp
from cdk_app.settings import StageSettings
from cdk_app.statements import allow


class TrackingStack(cdk.Stack):
    """The managed MLflow app, or only the address of a server that stands elsewhere."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: StageSettings,
        stack_name: str,
        artifacts: s3.IBucket,
    ) -> None:
        super().__init__(scope, construct_id, stack_name=stack_name)
        self._app_arn: str | None = None
        if settings.tracking_uri is None:
            mlflow = MlflowApp(self, "Mlflow", name=settings.resource_prefix, artifacts=artifacts)
            self._app_arn = mlflow.app.attr_arn
        self.uri = settings.tracking_uri or str(self._app_arn)
        # Also what a person sets MLFLOW_TRACKING_URI to; and a stack without any resource cannot be deployed.
        name = f"/sluiceway/{settings.stage}/tracking_uri"
        ssm.StringParameter(self, "Uri", parameter_name=name, string_value=self.uri)

    def statements(self) -> list[iam.PolicyStatement]:
        """What a caller of MLflow must be allowed: the managed app knows one action for its whole API."""
        return [allow("sagemaker:CallMlflowAppApi", on=self._app_arn)] if self._app_arn else []

    def browsing(self) -> list[iam.PolicyStatement]:
        """What a person needs besides to open its pages (`sluice mlflow`)."""
        return [allow("sagemaker:CreatePresignedMlflowAppUrl", on=self._app_arn)] if self._app_arn else []
