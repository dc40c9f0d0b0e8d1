"""The role under which model servers run."""

from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_app.constructs.batch_roles import pull
from cdk_app.statements import allow, arn, inline, listing, objects


class EndpointRole(Construct):
    """Reads model folders, writes its logs and metrics; reaches no data and no tracking server."""

    def __init__(
        self, scope: Construct, construct_id: str, *, artifacts: s3.IBucket, repository: ecr.IRepository
    ) -> None:
        super().__init__(scope, construct_id)
        log_groups = arn(self, "logs", "log-group:/aws/sagemaker/Endpoints/*")
        metrics = {"StringEquals": {"cloudwatch:namespace": ["/aws/sagemaker/Endpoints", "AWS/SageMaker"]}}
        statements = [
            *pull(repository),
            allow("s3:GetObject", on=objects(artifacts, "mlflow/*")),
            listing("s3:ListBucket", artifacts, "mlflow/*"),
            # SageMaker makes an endpoint's log group itself, under this role.
            allow("logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", on=log_groups),
            allow("logs:PutLogEvents", on=f"{log_groups}:log-stream:*"),
            allow("cloudwatch:PutMetricData", on="*", when=metrics),
        ]
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"),
            inline_policies=inline(statements),
        )
