"""CloudWatch in the embedded cloud: metric math, pages, alarms and what they tell."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.embedded.conftest import CloudSession, allow, wait_for

pytestmark = pytest.mark.embedded
HOUR = timedelta(hours=1)


def _namespace() -> str:
    return f"Test/{uuid4().hex[:12]}"


def _put(cloud: CloudSession, namespace: str, name: str, *values: float, **dimensions: str) -> None:
    """One value each minute, the last one now."""
    now = datetime.now(UTC)
    named = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    data = [
        {"MetricName": name, "Value": value, "Timestamp": now - timedelta(minutes=ago), "Dimensions": named}
        for ago, value in enumerate(reversed(values))
    ]
    cloud.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=data)


def _stat(identity: str, namespace: str, name: str, **changes: Any) -> dict[str, Any]:
    metric = {"Namespace": namespace, "MetricName": name}
    return {"Id": identity, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}} | changes


def _ask(cloud: CloudSession, *queries: Any, **settings: Any) -> list[Any]:
    """All pages of an answer."""
    now = datetime.now(UTC)
    pages = (
        cloud.client("cloudwatch")
        .get_paginator("get_metric_data")
        .paginate(MetricDataQueries=list(queries), StartTime=now - HOUR, EndTime=now + HOUR, **settings)
    )
    return [result for page in pages for result in page["MetricDataResults"]]


def test_an_expression_is_computed(cloud_session: CloudSession) -> None:
    """MiniStack says that expressions are not implemented, with status 200."""
    namespace = _namespace()
    _put(cloud_session, namespace, "Errors", 1, 0, 3)
    _put(cloud_session, namespace, "Calls", 4, 4, 4)
    stats = [_stat(name[0].lower(), namespace, name, ReturnData=False) for name in ("Errors", "Calls")]
    (found,) = _ask(
        cloud_session, *stats, {"Id": "share", "Expression": "100 * e / c"}, ScanBy="TimestampAscending"
    )
    assert (found["Id"], found["Values"], found["StatusCode"]) == ("share", [25, 0, 75], "Complete")


def test_the_newest_comes_first(cloud_session: CloudSession) -> None:
    """Unless it is asked for otherwise."""
    namespace = _namespace()
    _put(cloud_session, namespace, "M", 1, 2, 3)
    (found,) = _ask(cloud_session, _stat("m", namespace, "M"))
    assert found["Values"] == [3, 2, 1]
    assert found["Timestamps"] == sorted(found["Timestamps"], reverse=True)


def test_pages_put_together_are_the_whole(cloud_session: CloudSession) -> None:
    """MaxDatapoints and NextToken, as botocore's paginator walks them."""
    namespace = _namespace()
    _put(cloud_session, namespace, "M", 1, 2, 3, 4, 5)
    found = _ask(cloud_session, _stat("m", namespace, "M"), MaxDatapoints=2)
    assert [value for result in found for value in result["Values"]] == [5, 4, 3, 2, 1]
    assert [result["StatusCode"] for result in found] == ["PartialData", "PartialData", "Complete"]


def test_a_search_finds_metrics_by_their_dimensions(cloud_session: CloudSession) -> None:
    """As the dashboard asks for its endpoints."""
    namespace = _namespace()
    for endpoint in ("sluice-one", "sluice-two", "other"):
        _put(cloud_session, namespace, "Invocations", 2, EndpointName=endpoint)
    expression = f"SEARCH('{{{namespace},EndpointName}} MetricName=\"Invocations\" sluice-', 'Sum', 300)"
    found = _ask(cloud_session, {"Id": "e", "Expression": expression})
    assert [(result["Label"], sum(result["Values"])) for result in found] == [
        ("sluice-one Invocations", 2),
        ("sluice-two Invocations", 2),
    ]


@pytest.mark.parametrize("expression", ["ANOMALY_DETECTION_BAND(m)", "m +", "unknown", "5"])
def test_what_is_not_done_is_refused(cloud_session: CloudSession, expression: str) -> None:
    """By name, as a ValidationError."""
    client = cloud_session.client("cloudwatch")
    with pytest.raises(client.exceptions.ClientError, match="ValidationError"):
        _ask(cloud_session, _stat("m", "N", "M"), {"Id": "e", "Expression": expression})


def _watch(cloud: CloudSession, name: str, **settings: Any) -> None:
    alarm = {
        "AlarmName": name, "EvaluationPeriods": 1, "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
    }  # fmt: skip
    cloud.client("cloudwatch").put_metric_alarm(**(alarm | settings))


def _state(cloud: CloudSession, name: str) -> str:
    return str(cloud.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"])


def _listening(cloud: CloudSession, name: str) -> str:
    """The URL of a queue that hears of an alarm on EventBridge."""
    sqs, events = cloud.client("sqs"), cloud.client("events")
    url, arn = sqs.create_queue(QueueName=name)["QueueUrl"], f"arn:aws:sqs:us-east-1:000000000000:{name}"
    policy = allow("sqs:SendMessage", arn) | {"Principal": {"Service": "events.amazonaws.com"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [policy]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})
    pattern = {"source": ["aws.cloudwatch"], "detail": {"alarmName": [name], "state": {"value": ["ALARM"]}}}
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    return str(url)


def test_an_alarm_tells_eventbridge(cloud_session: CloudSession) -> None:
    """Not told by MiniStack; and another dimension's value does not set it off."""
    name, namespace = f"alarm-{uuid4().hex[:12]}", _namespace()
    url = _listening(cloud_session, name)
    mine = [{"Name": "QueueName", "Value": "mine"}]
    _watch(
        cloud_session, name, Namespace=namespace, MetricName="M", Dimensions=mine, Statistic="Sum", Period=60
    )
    _put(cloud_session, namespace, "M", 5, QueueName="other")
    wait_for(lambda: _state(cloud_session, name) == "OK")
    _put(cloud_session, namespace, "M", 5, QueueName="mine")
    found: list[Any] = []
    sqs = cloud_session.client("sqs")
    wait_for(lambda: bool(found.extend(sqs.receive_message(QueueUrl=url).get("Messages", [])) or found))
    event = json.loads(found[0]["Body"])
    assert event["detail-type"] == "CloudWatch Alarm State Change"
    assert event["resources"][0].endswith(f":alarm:{name}")
    assert event["detail"]["previousState"]["value"] == "OK"
    assert "Threshold Crossed" in event["detail"]["state"]["reason"]


def test_an_alarm_watches_an_expression_and_calls_a_function(cloud_session: CloudSession) -> None:
    """Metric math in PutMetricAlarm; the function's policy lets alarms in."""
    name, namespace = f"alarm-{uuid4().hex[:12]}", _namespace()
    function = cloud_session.function(
        "import os\ndef handler(event, context):\n"
        "    with open(os.environ['TMPDIR'] + '/' + event['alarmData']['alarmName'], 'w') as file:\n"
        "        file.write(event['alarmData']['state']['value'])\n"
    )
    cloud_session.client("lambda").add_permission(
        FunctionName=function, StatementId="alarm", Action="lambda:InvokeFunction",
        Principal="lambda.alarms.cloudwatch.amazonaws.com",
    )  # fmt: skip
    stats = [_stat(name, namespace, name.upper(), ReturnData=False) for name in ("e", "c")]
    metrics = [*stats, {"Id": "share", "Expression": "e / c", "Label": "share"}]
    _watch(cloud_session, name, Metrics=metrics, Threshold=0.5, AlarmActions=[function])
    _put(cloud_session, namespace, "C", 4)
    _put(cloud_session, namespace, "E", 3)
    path = cloud_session.state_dir / "tmp" / name
    wait_for(lambda: path.exists() and path.read_text() == "ALARM")
    described = cloud_session.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    assert [query["Id"] for query in described["Metrics"]] == ["e", "c", "share"]
    assert "MetricName" not in described


def test_m_out_of_n(cloud_session: CloudSession) -> None:
    """Two of three: one breaching minute is not enough."""
    name, namespace = f"alarm-{uuid4().hex[:12]}", _namespace()
    _watch(
        cloud_session, name, Namespace=namespace, MetricName="M", Statistic="Sum", Period=60,
        EvaluationPeriods=3, DatapointsToAlarm=2, Threshold=5,
    )  # fmt: skip
    _put(cloud_session, namespace, "M", 0, 9, 0)
    wait_for(lambda: _state(cloud_session, name) == "OK")
    _put(cloud_session, namespace, "M", 9)
    wait_for(lambda: _state(cloud_session, name) == "ALARM")


def test_a_template_may_watch_an_expression(cloud_session: CloudSession) -> None:
    """MiniStack refuses the whole stack."""
    name, formation = f"stack-{uuid4().hex[:12]}", cloud_session.client("cloudformation")
    stats = [_stat("m", "N", "M", ReturnData="false")]
    properties = {
        "AlarmName": name, "EvaluationPeriods": 1, "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold", "Metrics": [*stats, {"Id": "e", "Expression": "m * 2"}],
    }  # fmt: skip
    template = {"Resources": {"A": {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}}}
    formation.create_stack(StackName=name, TemplateBody=json.dumps(template))
    formation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    assert _state(cloud_session, name) in {"INSUFFICIENT_DATA", "OK"}


def test_an_alarm_recovers_without_new_data(cloud_session: CloudSession) -> None:
    """It is looked at now and then, not only when data comes: a second's metric is soon over."""
    name, namespace = f"alarm-{uuid4().hex[:12]}", _namespace()
    _watch(cloud_session, name, Namespace=namespace, MetricName="M", Statistic="Sum", Period=10)
    _put(cloud_session, namespace, "M", 5)
    wait_for(lambda: _state(cloud_session, name) == "ALARM")
    wait_for(lambda: _state(cloud_session, name) == "OK", seconds=60)
