"""What services deliver on their own, under permissions: rules to targets, queues to functions."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.embedded.conftest import CloudSession, allow, wait_for

pytestmark = pytest.mark.embedded

READ = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


def _queue(cloud: CloudSession, **attributes: str) -> tuple[str, str]:
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName=f"q-{uuid4().hex[:12]}", Attributes=attributes)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, found["Attributes"]["QueueArn"]


def _rule(cloud: CloudSession, target: dict[str, Any]) -> tuple[str, str]:
    source, events = f"test.{uuid4().hex[:8]}", cloud.client("events")
    arn = events.put_rule(Name=source, EventPattern=json.dumps({"source": [source]}))["RuleArn"]
    events.put_targets(Rule=source, Targets=[{"Id": "target"} | target])
    return source, arn


def _put(cloud: CloudSession, source: str) -> None:
    entry = {"Source": source, "DetailType": "Happened", "Detail": "{}"}
    cloud.client("events").put_events(Entries=[entry])


def _let_in(cloud: CloudSession, url: str, arn: str, rule: str) -> None:
    statement = allow("sqs:SendMessage", arn) | {
        "Principal": {"Service": "events.amazonaws.com"},
        "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    cloud.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


def _explained(letter: Any) -> dict[str, str]:
    return {
        key: value["StringValue"]
        for key, value in letter["MessageAttributes"].items()
        if key != "ERROR_MESSAGE"
    }


def _metric(cloud: CloudSession, name: str, rule: str) -> float:
    now = datetime.now(UTC)
    found = cloud.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Events", MetricName=name, Dimensions=[{"Name": "RuleName", "Value": rule}],
        StartTime=now - timedelta(hours=1), EndTime=now + timedelta(hours=1), Period=7_200,
        Statistics=["Sum"],
    )  # fmt: skip
    return sum(point["Sum"] for point in found["Datapoints"])


def _received(cloud: CloudSession, url: str) -> list[Any]:
    answer = cloud.client("sqs").receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )
    return list(answer.get("Messages", []))


def test_a_rule_needs_the_queues_permission(cloud_session: CloudSession) -> None:
    """Without a queue policy for events.amazonaws.com the event lands in the target's dead-letter queue."""
    url, arn = _queue(cloud_session)
    dead_url, dead = _queue(cloud_session)
    source, rule = _rule(cloud_session, {"Arn": arn, "DeadLetterConfig": {"Arn": dead}})
    _let_in(cloud_session, dead_url, dead, rule)
    _put(cloud_session, source)
    (letter,) = _received(cloud_session, dead_url)
    assert _explained(letter) == {
        "RULE_ARN": rule,
        "TARGET_ARN": arn,
        "ERROR_CODE": "NO_PERMISSIONS",
        "RETRY_ATTEMPTS": "0",
    }
    assert json.loads(letter["Body"])["source"] == source
    assert _received(cloud_session, url) == []


def test_a_dead_letter_queue_needs_its_policy(cloud_session: CloudSession) -> None:
    """Without one the dead letter is lost, and counted as such."""
    dead_url, dead = _queue(cloud_session)
    target = {"Arn": dead.replace("q-", "none-"), "DeadLetterConfig": {"Arn": dead}}
    source, rule = _rule(cloud_session, target)
    _put(cloud_session, source)
    assert _metric(cloud_session, "InvocationsFailedToBeSentToDlq", source) == 1
    _let_in(cloud_session, dead_url, dead, rule)
    _put(cloud_session, source)
    (letter,) = _received(cloud_session, dead_url)
    assert _explained(letter)["ERROR_CODE"] == "NO_RESOURCE"
    counted = {
        name: _metric(cloud_session, name, source)
        for name in ("Invocations", "FailedInvocations", "TriggeredRules")
    }
    assert counted == {"Invocations": 2, "FailedInvocations": 2, "TriggeredRules": 2}


def test_a_rule_delivers_with_the_queues_permission(cloud_session: CloudSession) -> None:
    """A queue policy that names the rule lets its events in."""
    url, arn = _queue(cloud_session)
    source, rule = _rule(cloud_session, {"Arn": arn})
    _let_in(cloud_session, url, arn, rule)
    _put(cloud_session, source)
    wait_for(lambda: bool(_received(cloud_session, url)))


@pytest.mark.parametrize("allowed", [True, False])
def test_a_rule_starts_a_machine_under_its_role(cloud_session: CloudSession, allowed: bool) -> None:
    """The target's role must allow states:StartExecution on that machine."""
    definition = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    machine = cloud_session.machine(definition, role=cloud_session.role())
    role = cloud_session.role(*([allow("states:StartExecution", machine)] if allowed else []))
    source, _ = _rule(cloud_session, {"Arn": machine, "RoleArn": role})
    _put(cloud_session, source)
    call = cloud_session.calls_of(role, action="states:StartExecution")[0]
    assert call.allowed is allowed
    if allowed:
        states = cloud_session.client("stepfunctions")
        wait_for(lambda: bool(states.list_executions(stateMachineArn=machine)["executions"]))
    else:
        wait_for(lambda: _metric(cloud_session, "FailedInvocations", source) == 1)


@pytest.mark.parametrize(
    "target",
    [
        {"Arn": "arn:aws:ecs:us-east-1:000000000000:cluster/c"},
        {"Arn": "arn:aws:sqs:us-east-1:000000000000:q", "InputTransformer": {"InputTemplate": "<unknown>"}},
    ],
)
def test_a_target_that_would_not_be_invoked_is_refused(cloud_session: CloudSession, target: Any) -> None:
    """When it is put, by name; and a sixth target of a rule, too."""
    events = cloud_session.client("events")
    with pytest.raises(events.exceptions.ClientError, match="ValidationException"):
        _rule(cloud_session, target)


def test_a_template_with_a_target_that_would_not_be_invoked_fails(cloud_session: CloudSession) -> None:
    """CloudFormation asks the API, and rolls back."""
    name, formation = f"stack-{uuid4().hex[:12]}", cloud_session.client("cloudformation")
    target = {"Id": "t", "Arn": "arn:aws:ecs:us-east-1:000000000000:cluster/c"}
    properties = {"EventPattern": {"source": ["a"]}, "Targets": [target]}
    template = {"Resources": {"R": {"Type": "AWS::Events::Rule", "Properties": properties}}}
    formation.create_stack(StackName=name, TemplateBody=json.dumps(template))
    wait_for(lambda: _status(formation, name) == "ROLLBACK_COMPLETE")


def _status(formation: Any, name: str) -> str:
    return str(formation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])


def test_a_function_called_by_a_rule_is_tried_again(cloud_session: CloudSession) -> None:
    """Asynchronous invocations are retried: the second try of a function that fails once gets through."""
    function = cloud_session.function(
        "import os\nMARK = os.environ['TMPDIR'] + '/' + os.environ['AWS_LAMBDA_FUNCTION_NAME']\n"
        "def handler(event, context):\n"
        "    if not os.path.exists(MARK):\n        open(MARK, 'w').close()\n        raise RuntimeError\n"
        "    open(MARK + '-done', 'w').close()\n"
    )
    source, rule = _rule(cloud_session, {"Arn": function})
    cloud_session.client("lambda").add_permission(
        FunctionName=function, StatementId="rule", Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com", SourceArn=rule,
    )  # fmt: skip
    _put(cloud_session, source)
    name = function.rpartition(":")[2]
    wait_for((cloud_session.state_dir / "tmp" / f"{name}-done").exists)


@pytest.mark.parametrize("allowed", [True, False])
def test_a_mapping_reads_its_queue_under_the_functions_role(
    cloud_session: CloudSession, allowed: bool
) -> None:
    """Without sqs:ReceiveMessage and its two companions no message is taken out of the queue any more."""
    url, arn = _queue(cloud_session)
    role = cloud_session.role(*(allow(action, arn) for action in READ))
    function = cloud_session.function("def handler(event, context): pass", role=role)
    cloud_session.client("lambda").create_event_source_mapping(FunctionName=function, EventSourceArn=arn)
    if not allowed:
        cloud_session.client("iam").delete_role_policy(RoleName=role.rpartition("/")[2], PolicyName="p")
    cloud_session.client("sqs").send_message(QueueUrl=url, MessageBody="x")
    wait_for(lambda: cloud_session.calls_of(role, action="sqs:ReceiveMessage")[-1].allowed is allowed)
    hidden = cloud_session.client("sqs").get_queue_attributes(
        QueueUrl=url, AttributeNames=["ApproximateNumberOfMessagesNotVisible"]
    )
    assert allowed or hidden["Attributes"]["ApproximateNumberOfMessagesNotVisible"] == "0"
