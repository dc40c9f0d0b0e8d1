"""Queries whose execution ended badly: no state of their own machine can record that it was aborted."""

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk_app.constructs.dead_letters import keep_failed_calls


class UnfinishedQueries(Construct):
    """Calls fail_query for every execution of query_dataset that ended badly; fail_query repeats nothing."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        query_dataset: sfn.IStateMachine,
        fail_query: lambda_.IFunction,
        dead_letters: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        keep_failed_calls(self, "Failures", function=fail_query, queue=dead_letters)
        events.Rule(
            self,
            "Rule",
            description="query_dataset failed, timed out or was aborted",
            event_pattern=events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={
                    "stateMachineArn": [query_dataset.state_machine_arn],
                    "status": ["FAILED", "TIMED_OUT", "ABORTED"],
                },
            ),
            targets=[targets.LambdaFunction(fail_query, dead_letter_queue=dead_letters)],
        )
