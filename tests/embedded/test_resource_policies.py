"""What functions, topics, queues and buses let others do to them, and what requests are asked for besides."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from embedded.environment import ACCOUNT_ID, REGION
from tests.embedded.conftest import CloudSession, allow, wait_for

pytestmark = pytest.mark.embedded

MARKING = (
    "import os\n"
    "def handler(event, context):\n"
    "    open(os.environ['TMPDIR'] + '/' + context.function_name + '-called', 'w').close()\n"
    "    return {'statusCode': 200}\n"
)


def _name() -> str:
    return f"n-{uuid4().hex[:12]}"


def _called(cloud: CloudSession, function: str) -> bool:
    return (cloud.state_dir / "tmp" / f"{function.rpartition(':')[2]}-called").exists()


def _let_in(cloud: CloudSession, function: str, principal: str, **settings: Any) -> None:
    action = settings.pop("Action", "lambda:InvokeFunction")
    cloud.client("lambda").add_permission(
        FunctionName=function, StatementId=_name(), Action=action, Principal=principal, **settings
    )


def test_a_topic_calls_only_functions_that_let_it_in(cloud_session: CloudSession) -> None:
    """One that does not is left alone, and counted; the policy may name the topic."""
    sns, closed, opened = cloud_session.client("sns"), *(cloud_session.function(MARKING) for _ in range(2))
    name = _name()
    topic = sns.create_topic(Name=name)["TopicArn"]
    _let_in(cloud_session, opened, "sns.amazonaws.com", SourceArn=topic)
    _let_in(cloud_session, closed, "sns.amazonaws.com", SourceArn=f"{topic}-other")
    for function in (closed, opened):
        sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
    sns.publish(TopicArn=topic, Message="x")
    wait_for(lambda: _called(cloud_session, opened))
    wait_for(lambda: _failed_notifications(cloud_session, name) == 1)
    assert not _called(cloud_session, closed)


def _failed_notifications(cloud: CloudSession, topic: str) -> float:
    found = cloud.client("cloudwatch").get_metric_data(
        StartTime=0,
        EndTime=4_000_000_000,
        MetricDataQueries=[
            {
                "Id": "m",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/SNS",
                        "MetricName": "NumberOfNotificationsFailed",
                        "Dimensions": [{"Name": "TopicName", "Value": topic}],
                    },
                    "Period": 86400,
                    "Stat": "Sum",
                },
            }
        ],
    )
    return sum(found["MetricDataResults"][0]["Values"])


def test_a_bucket_notifies_only_functions_that_let_it_in(cloud_session: CloudSession) -> None:
    """The configuration is refused until the function's policy has the bucket in it."""
    s3, function, bucket = cloud_session.client("s3"), cloud_session.function(MARKING), _name()
    s3.create_bucket(Bucket=bucket)
    wanted = {"LambdaFunctionArn": function, "Events": ["s3:ObjectCreated:*"]}
    settings = {"LambdaFunctionConfigurations": [wanted]}
    with pytest.raises(ClientError, match="Unable to validate the following destination configurations"):
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=settings)
    _let_in(
        cloud_session,
        function,
        "s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::{bucket}",
        SourceAccount=ACCOUNT_ID,
    )
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=settings)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    wait_for(lambda: _called(cloud_session, function))


def test_a_log_group_feeds_only_functions_that_let_it_in(cloud_session: CloudSession) -> None:
    """AWS sends a test message when the filter is put."""
    logs, function, group = cloud_session.client("logs"), cloud_session.function(MARKING), f"/g/{_name()}"
    logs.create_log_group(logGroupName=group)
    wanted = {"logGroupName": group, "filterName": "f", "filterPattern": "", "destinationArn": function}
    with pytest.raises(ClientError, match="Make sure you have given CloudWatch Logs permission"):
        logs.put_subscription_filter(**wanted)
    source = f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{group}:*"
    _let_in(cloud_session, function, "logs.amazonaws.com", SourceArn=source)
    logs.put_subscription_filter(**wanted)


@pytest.mark.parametrize("let_in", [True, False])
def test_an_alarm_notifies_only_topics_that_let_it_in(cloud_session: CloudSession, let_in: bool) -> None:
    """By default a topic does; one with a policy of its own must say so."""
    sns, watch, name = cloud_session.client("sns"), cloud_session.client("cloudwatch"), _name()
    topic = sns.create_topic(Name=name)["TopicArn"]
    service = "cloudwatch.amazonaws.com" if let_in else "s3.amazonaws.com"
    statement = allow("sns:Publish", topic) | {
        "Principal": {"Service": service},
        "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:*:{ACCOUNT_ID}:alarm:{name}"}},
    }
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=_policy(statement))
    url = _queue_of(cloud_session, topic)
    watch.put_metric_alarm(
        AlarmName=name,
        AlarmActions=[topic],
        MetricName="m",
        Namespace="n",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    watch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    found = cloud_session.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=1)
    assert bool(found.get("Messages")) is let_in


def _queue_of(cloud: CloudSession, topic: str) -> str:
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName=_name())["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = allow("sqs:SendMessage", arn) | {"Principal": {"Service": "sns.amazonaws.com"}}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": _policy(statement)})
    cloud.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return str(url)


def _policy(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def test_a_public_url_needs_a_public_policy(cloud_session: CloudSession) -> None:
    """With both actions, as AWS asks since October 2025."""
    function = cloud_session.function(MARKING)
    url = _url(cloud_session, function, "NONE")
    assert _get(cloud_session, url) == 403
    _let_in(cloud_session, function, "*", Action="lambda:InvokeFunctionUrl", FunctionUrlAuthType="NONE")
    assert _get(cloud_session, url) == 403
    _let_in(cloud_session, function, "*", InvokedViaFunctionUrl=True)
    assert _get(cloud_session, url) == 200


@pytest.mark.parametrize(
    ("actions", "status"),
    [
        ((), 403),
        (("lambda:InvokeFunctionUrl",), 403),
        (("lambda:InvokeFunction",), 403),
        (("lambda:InvokeFunctionUrl", "lambda:InvokeFunction"), 200),
    ],
)
def test_a_url_with_signatures_needs_both_actions(
    cloud_session: CloudSession, actions: tuple[str, ...], status: int
) -> None:
    """Of the caller's policies, when the function's has none."""
    function = cloud_session.function(MARKING)
    url = _url(cloud_session, function, "AWS_IAM")
    keys = cloud_session.assume(cloud_session.role(*(allow(action, function) for action in actions)))
    assert _get(cloud_session, url) == 403
    assert _get(cloud_session, url, keys) == status


def _url(cloud: CloudSession, function: str, auth_type: str) -> str:
    made = cloud.client("lambda").create_function_url_config(FunctionName=function, AuthType=auth_type)
    return str(made["FunctionUrl"])


def _get(cloud: CloudSession, url: str, keys: Mapping[str, str] | None = None) -> int:
    request = AWSRequest("GET", url)
    if keys:
        credentials = Credentials(
            keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"], keys["AWS_SESSION_TOKEN"]
        )
        SigV4Auth(credentials, "lambda", REGION).add_auth(request)
    host = url.split("/")[2]
    pool = urllib3.PoolManager(ca_certs=cloud.ca_bundle)
    answer = pool.request("GET", cloud.endpoint_url, headers={**dict(request.headers), "Host": host})
    return int(answer.status)


def test_a_bus_may_be_closed_by_its_policy(cloud_session: CloudSession) -> None:
    """A denial in it wins over what the caller's own policy allows."""
    events, name = cloud_session.client("events"), _name()
    bus = events.create_event_bus(Name=name)["EventBusArn"]
    role = cloud_session.role(allow("events:PutEvents", bus))
    entry = {"Source": "s", "DetailType": "d", "Detail": "{}", "EventBusName": name}
    caller = cloud_session.client("events", cloud_session.assume(role))
    caller.put_events(Entries=[entry])
    denied = {"Sid": "no", "Effect": "Deny", "Principal": "*", "Action": "events:PutEvents", "Resource": bus}
    events.put_permission(EventBusName=name, Policy=_policy(denied))
    with pytest.raises(ClientError, match="explicit deny"):
        caller.put_events(Entries=[entry])


def test_tags_of_an_upload_are_an_action_of_their_own(cloud_session: CloudSession) -> None:
    """`s3:PutObjectTagging`, beside `s3:PutObject`; and the tags are condition keys."""
    bucket = _name()
    cloud_session.client("s3").create_bucket(Bucket=bucket)
    everything = f"arn:aws:s3:::{bucket}/*"
    red = {"Condition": {"StringEquals": {"s3:RequestObjectTag/colour": "red"}}}
    plain = _s3(cloud_session, allow("s3:PutObject", everything))
    tagging = _s3(
        cloud_session, allow("s3:PutObject", everything) | red, allow("s3:PutObjectTagging", everything)
    )
    plain.put_object(Bucket=bucket, Key="k", Body=b"x")
    with pytest.raises(ClientError, match="AccessDenied"):
        plain.put_object(Bucket=bucket, Key="k", Body=b"x", Tagging="colour=red")
    tagging.put_object(Bucket=bucket, Key="k", Body=b"x", Tagging="colour=red")
    with pytest.raises(ClientError, match="AccessDenied"):
        tagging.put_object(Bucket=bucket, Key="k", Body=b"x", Tagging="colour=blue")


def _s3(cloud: CloudSession, *statements: Mapping[str, Any]) -> Any:
    return cloud.client("s3", cloud.assume(cloud.role(*statements)))


def test_who_may_not_list_is_not_told_what_is_missing(cloud_session: CloudSession) -> None:
    """403 instead of 404, for GET as for HEAD; a listing may be allowed below a prefix only."""
    bucket = _name()
    cloud_session.client("s3").create_bucket(Bucket=bucket)
    reading = allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*")
    below = allow("s3:ListBucket") | {"Condition": {"StringLike": {"s3:prefix": ["no*"]}}}
    blind, seeing = _s3(cloud_session, reading), _s3(cloud_session, reading, below)
    for read, code in ((blind.get_object, "AccessDenied"), (seeing.get_object, "NoSuchKey")):
        with pytest.raises(ClientError, match=code):
            read(Bucket=bucket, Key="none")
    for head, code in ((blind.head_object, "403"), (seeing.head_object, "404")):
        with pytest.raises(ClientError, match=code):
            head(Bucket=bucket, Key="none")


def test_metrics_may_be_kept_to_a_namespace(cloud_session: CloudSession) -> None:
    """`cloudwatch:namespace`."""
    condition = {"Condition": {"StringEquals": {"cloudwatch:namespace": "Mine"}}}
    role = cloud_session.role(allow("cloudwatch:PutMetricData") | condition)
    watch = cloud_session.client("cloudwatch", cloud_session.assume(role))
    datum = [{"MetricName": "m", "Value": 1}]
    watch.put_metric_data(Namespace="Mine", MetricData=datum)
    with pytest.raises(ClientError, match="not authorized to perform: cloudwatch:PutMetricData"):
        watch.put_metric_data(Namespace="Yours", MetricData=datum)


def test_items_may_be_kept_to_their_owner(cloud_session: CloudSession) -> None:
    """`dynamodb:LeadingKeys`: one's own items, and no scan."""
    table, name = cloud_session.client("dynamodb"), _name()
    table.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "owner", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "owner", "KeyType": "HASH"}],
    )
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT_ID}:table/{name}"
    condition = {"Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["me"]}}}
    role = cloud_session.role(allow("dynamodb:PutItem", arn) | condition)
    mine = cloud_session.client("dynamodb", cloud_session.assume(role))
    mine.put_item(TableName=name, Item={"owner": {"S": "me"}})
    with pytest.raises(ClientError, match="not authorized to perform: dynamodb:PutItem"):
        mine.put_item(TableName=name, Item={"owner": {"S": "you"}})


def test_a_dead_letter_queue_is_the_functions_to_write_to(cloud_session: CloudSession) -> None:
    """When it is set, and when it is used."""
    sqs = cloud_session.client("sqs")
    url = sqs.create_queue(QueueName=_name())["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    dead = {"DeadLetterConfig": {"TargetArn": arn}}
    with pytest.raises(ClientError, match="does not have permissions to call SendMessage on SQS"):
        cloud_session.function(MARKING, **dead)
    cloud_session.function(MARKING, role=cloud_session.role(allow("sqs:SendMessage", arn)), **dead)
    function = cloud_session.function(MARKING)
    with pytest.raises(ClientError, match="does not have permissions to call SendMessage on"):
        cloud_session.client("lambda").put_function_event_invoke_config(
            FunctionName=function, DestinationConfig={"OnFailure": {"Destination": arn}}
        )


@pytest.mark.parametrize("allowed", [True, False])
def test_a_function_writes_its_log_under_its_role(cloud_session: CloudSession, allowed: bool) -> None:
    """Without logs:PutLogEvents the function runs, and nobody hears of it."""
    actions = ("logs:CreateLogGroup", "logs:CreateLogStream", *(("logs:PutLogEvents",) if allowed else ()))
    role = cloud_session.role(*(allow(action) for action in actions))
    function = cloud_session.function("def handler(event, context): print('hello')", role=role)
    cloud_session.client("lambda").invoke(FunctionName=function)
    assert cloud_session.calls_of(role, action="logs:PutLogEvents")[0].allowed is allowed
    group = f"/aws/lambda/{function.rpartition(':')[2]}"
    found = cloud_session.client("logs").describe_log_groups(logGroupNamePrefix=group)
    assert bool(found["logGroups"]) is allowed


def test_a_mapping_is_refused_while_its_function_could_not_read(cloud_session: CloudSession) -> None:
    """Also by CloudFormation; of a stream Lambda names all that it needs."""
    sqs = cloud_session.client("sqs")
    url = sqs.create_queue(QueueName=_name())["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    function, stacks, name = cloud_session.function(MARKING), cloud_session.client("cloudformation"), _name()
    with pytest.raises(ClientError, match="does not have permissions to call ReceiveMessage on SQS"):
        cloud_session.client("lambda").create_event_source_mapping(FunctionName=function, EventSourceArn=arn)
    mapping = {"FunctionName": function, "EventSourceArn": arn}
    resource = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping}
    template = json.dumps({"Resources": {"Mapping": resource}})
    stacks.create_stack(StackName=name, TemplateBody=template, OnFailure="DO_NOTHING")
    wait_for(lambda: "ReceiveMessage on SQS" in _reasons(stacks, name))


def _reasons(stacks: Any, name: str) -> str:
    events = stacks.describe_stack_events(StackName=name)["StackEvents"]
    return " ".join(each.get("ResourceStatusReason", "") for each in events)


def test_a_mapping_of_a_stream_needs_all_that_reads_one(cloud_session: CloudSession) -> None:
    """Lambda names the actions; with them the mapping is made, and the stream read."""
    table, name = cloud_session.client("dynamodb"), _name()
    table.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    stream = table.describe_table(TableName=name)["Table"]["LatestStreamArn"]
    reading = [allow(f"dynamodb:{each}", stream) for each in ("GetRecords", "GetShardIterator")]
    listing = [allow("dynamodb:DescribeStream", stream), allow("dynamodb:ListStreams")]
    settings = {"EventSourceArn": stream, "StartingPosition": "TRIM_HORIZON"}
    client = cloud_session.client("lambda")
    closed = cloud_session.function(MARKING, role=cloud_session.role(*reading))
    with pytest.raises(ClientError, match="GetRecords, GetShardIterator, DescribeStream, and ListStreams"):
        client.create_event_source_mapping(FunctionName=closed, **settings)
    opened = cloud_session.function(MARKING, role=cloud_session.role(*reading, *listing))
    client.create_event_source_mapping(FunctionName=opened, **settings)
    table.put_item(TableName=name, Item={"k": {"S": "x"}})
    wait_for(lambda: _called(cloud_session, opened))
