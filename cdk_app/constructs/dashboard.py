"""The dashboard: runs, functions, endpoints and jobs of one stage on one page."""

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

_HALF = 12


class StageDashboard(Construct):
    """Endpoints are made by runs, not by this template, so they are found by name."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        machines: Mapping[str, sfn.IStateMachine],
        functions: Mapping[str, lambda_.IFunction],
        endpoint_prefix: str,
        step_logs: logs.ILogGroup,
    ) -> None:
        super().__init__(scope, construct_id)
        dashboard = cloudwatch.Dashboard(self, "Dashboard", default_interval=cdk.Duration.days(1))
        dashboard.add_widgets(*_runs(machines))
        dashboard.add_widgets(*_functions(functions))
        dashboard.add_widgets(*_endpoints(endpoint_prefix))
        dashboard.add_widgets(_jobs(step_logs))


def _graph(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=_HALF, height=6)


def _runs(machines: Mapping[str, sfn.IStateMachine]) -> list[cloudwatch.GraphWidget]:
    ended = [
        metric
        for name, machine in machines.items()
        for metric in (
            machine.metric_succeeded(label=f"{name} succeeded"),
            machine.metric_failed(label=f"{name} failed"),
        )
    ]
    times = [machine.metric_time(label=name, statistic="p90") for name, machine in machines.items()]
    return [_graph("Executions", ended), _graph("Execution time, p90 (ms)", times)]


def _functions(functions: Mapping[str, lambda_.IFunction]) -> list[cloudwatch.GraphWidget]:
    errors = [function.metric_errors(label=name) for name, function in functions.items()]
    times = [function.metric_duration(label=name, statistic="p99") for name, function in functions.items()]
    return [_graph("Function errors", errors), _graph("Function duration, p99 (ms)", times)]


def _endpoints(prefix: str) -> list[cloudwatch.GraphWidget]:
    return [
        _graph("Endpoint invocations", [_search("Invocations", prefix, "Sum")]),
        _graph("Model latency, p99 (µs)", [_search("ModelLatency", prefix, "p99")]),
    ]


def _search(metric: str, prefix: str, statistic: str) -> cloudwatch.MathExpression:
    schema = "{AWS/SageMaker,EndpointName,VariantName}"
    return cloudwatch.MathExpression(
        expression=f"""SEARCH('{schema} MetricName="{metric}" {prefix}', '{statistic}', 300)""",
        using_metrics={},
        label="",
    )


def _jobs(step_logs: logs.ILogGroup) -> cloudwatch.LogQueryWidget:
    return cloudwatch.LogQueryWidget(
        title="Errors in jobs",
        log_group_names=[step_logs.log_group_name],
        query_lines=[
            "fields @timestamp, @logStream, @message",
            "filter @message like /(?i)error/",
            "limit 50",
        ],
        width=2 * _HALF,
        height=6,
    )
