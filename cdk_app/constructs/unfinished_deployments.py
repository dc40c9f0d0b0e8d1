"""Deployments that were aborted or timed out: no state of their own execution can undo and record them."""

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk_app.statements import allow, inline


class UnfinishedDeployments(Construct):
    """Starts deploy_model with the event of one that did not end by itself, to end what that left."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deploy_model: sfn.IStateMachine,
        dead_letters: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("events.amazonaws.com"),
            inline_policies=inline([allow("states:StartExecution", on=deploy_model.state_machine_arn)]),
        )
        events.Rule(
            self,
            "Rule",
            description="deploy_model timed out or was aborted",
            event_pattern=events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={
                    "stateMachineArn": [deploy_model.state_machine_arn],
                    "status": ["TIMED_OUT", "ABORTED"],
                },
            ),
            targets=[
                targets.SfnStateMachine(
                    deploy_model, role=role.without_policy_updates(), dead_letter_queue=dead_letters
                )
            ],
        )
