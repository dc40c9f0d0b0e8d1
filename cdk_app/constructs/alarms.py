"""Alarms on what needs a person; ten are free (CloudWatch pricing), and each names something to do."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk_app.constructs.task_function import METRICS_NAMESPACE
from cdk_app.settings import StageSettings
from cdk_app.statements import arn
from sluiceway.datasets.contracts import INCOMPLETE

_FIVE_MINUTES = cdk.Duration.minutes(5)


class Alarms(Construct):
    """Dead letters, failed executions and incomplete datasets, told to one topic."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        dead_letters: Mapping[str, sqs.IQueue],
        machines: Mapping[str, sfn.IStateMachine],
        incomplete: cloudwatch.IMetric,
        email: str | None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._topic = sns.Topic(self, "Topic", enforce_ssl=True)
        self._topic.add_to_resource_policy(_alarms_may_publish(self, self._topic))
        if email:
            self._topic.add_subscription(subscriptions.EmailSubscription(email))
        for name, queue in dead_letters.items():
            depth = queue.metric_approximate_number_of_messages_visible(
                period=_FIVE_MINUTES, statistic="Maximum"
            )
            self._alarm(f"{name}DeadLetters", depth, "Messages that failed for good: look, mend, redrive")
        for name, machine in machines.items():
            failed = machine.metric_failed(period=_FIVE_MINUTES, statistic="Sum")
            self._alarm(f"{name}Failed", failed, "`sluice runs` says which and why")

        words = "The deadline of a manifest passed: `sluice events` says what is missing"
        self._alarm("DatasetsIncomplete", incomplete, words)

    def _alarm(self, construct_id: str, metric: cloudwatch.IMetric, description: str) -> None:
        alarm = cloudwatch.Alarm(
            self,
            construct_id,
            metric=metric,
            alarm_description=description,
            threshold=1,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self._topic))


def incomplete_datasets(settings: StageSettings) -> cloudwatch.Metric:
    """How many datasets were not complete at their manifest's deadline, as `settle_dataset` counts them."""
    return cloudwatch.Metric(
        namespace=METRICS_NAMESPACE,
        metric_name=INCOMPLETE,
        dimensions_map={"service": "settle_dataset", "stage": settings.stage},
        statistic="Sum",
        period=_FIVE_MINUTES,
    )


def _alarms_may_publish(scope: Construct, topic: sns.Topic) -> iam.PolicyStatement:
    """A policy of one's own (TLS only) takes the place of the default one, which lets alarms publish."""
    return iam.PolicyStatement(
        actions=["sns:Publish"],
        resources=[topic.topic_arn],
        principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
        conditions={
            "StringEquals": {"aws:SourceAccount": cdk.Stack.of(scope).account},
            "ArnLike": {"aws:SourceArn": arn(scope, "cloudwatch", "alarm:*")},
        },
    )
