"""The managed MLflow app: tracking server and registry without a server to pay for while idle."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from cdk_app.statements import allow, inline, listing, objects


class MlflowApp(Construct):
    """`AWS::SageMaker::MlflowApp`, with a role that reaches its own artifacts and nothing else."""

    def __init__(self, scope: Construct, construct_id: str, *, name: str, artifacts: s3.IBucket) -> None:
        super().__init__(scope, construct_id)
        statements = [
            allow("s3:GetObject", "s3:PutObject", on=objects(artifacts, "mlflow/*")),
            listing("s3:ListBucket", artifacts, "mlflow/*"),
        ]
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"),
            inline_policies=inline(statements),
        )
        # Model versions are registered by register_model under the ledger's claim, not by the app on its own.
        self.app = sagemaker.CfnMlflowApp(
            self,
            "App",
            name=name,
            artifact_store_uri=f"s3://{artifacts.bucket_name}/mlflow",
            role_arn=role.role_arn,
            model_registration_mode="AutoModelRegistrationDisabled",
        )
