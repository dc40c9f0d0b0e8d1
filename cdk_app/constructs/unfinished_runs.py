"""Runs that were aborted or timed out: no state of their own machine can record that."""

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct


class UnfinishedRuns(Construct):
    """Calls fail_run for every execution of run_pipeline that ended badly; fail_run repeats nothing."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        run_pipeline: sfn.IStateMachine,
        fail_run: lambda_.IFunction,
        dead_letters: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        events.Rule(
            self,
            "Rule",
            description="run_pipeline failed, timed out or was aborted",
            event_pattern=events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={
                    "stateMachineArn": [run_pipeline.state_machine_arn],
                    "status": ["FAILED", "TIMED_OUT", "ABORTED"],
                },
            ),
            targets=[targets.LambdaFunction(fail_run, dead_letter_queue=dead_letters)],
        )
