"""A Step Functions Standard machine with a role and a log group of its own."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk_app.constructs.logs import log_group
from cdk_app.machines.spec import MachineSpec
from cdk_app.settings import StageSettings
from cdk_app.state_machines import definition_json
from cdk_app.statements import allow, inline

# Step Functions writes logs as a vended service: it manages deliveries, and these actions have no resources.
_DELIVER_LOGS = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
_TRACE = (
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
)


class Machine(Construct):
    """What a `MachineSpec` says, and nothing more."""

    def __init__(
        self, scope: Construct, construct_id: str, *, spec: MachineSpec, settings: StageSettings
    ) -> None:
        super().__init__(scope, construct_id)
        # The prefix keeps Logs from listing every machine in one account-wide policy of limited size.
        name = f"/aws/vendedlogs/states/sluiceway-{settings.stage}-{spec.name}"
        logs = log_group(self, "Logs", retention_days=settings.log_retention_days, name=name)
        functions = [function.function_arn for function in spec.calls.values()]
        statements = [
            allow(*_DELIVER_LOGS, on="*"),
            allow(*_TRACE, on="*"),
            allow("lambda:InvokeFunction", on=functions),
            *spec.may,
        ]
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("states.amazonaws.com"),
            inline_policies=inline(statements),
        )
        definition = definition_json(spec.name, supplied=spec.substitutions)
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            # from_string, not from_file: only then are placeholders that nobody fills found at synth.
            definition_body=sfn.DefinitionBody.from_string(definition),
            definition_substitutions=spec.substitutions,
            role=role.without_policy_updates(),
            logs=sfn.LogOptions(destination=logs, level=sfn.LogLevel.ALL, include_execution_data=True),
            tracing_enabled=True,
        )
