"""Event source mappings in the embedded cloud: how batches are cut, and what happens to those that fail."""

import json
import time
from typing import Any
from uuid import uuid4

import pytest

from tests.embedded.conftest import CloudSession, allow, wait_for

pytestmark = pytest.mark.embedded

READ = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
STREAM = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
# Writes what it is called with to a file of its own, and fails for bodies that say so.
CODE = """
import json, os
def handler(event, context):
    records = event["Records"]
    bodies = [record.get("body") or record["dynamodb"]["Keys"]["pk"]["S"] for record in records]
    with open(os.environ["TMPDIR"] + "/" + context.function_name, "a") as file:
        file.write(json.dumps(bodies) + "\\n")
    if "poison" in bodies:
        raise RuntimeError("poison")
    return {"batchItemFailures": [
        {"itemIdentifier": record["messageId"]} for record in records if record.get("body") == "bad"]}
"""


class _Mapped:
    """A function fed by a source, and the batches that it got."""

    def __init__(self, cloud: CloudSession, source_arn: str, *statements: Any, **settings: Any) -> None:
        self.cloud = cloud
        self.arn = cloud.function(CODE, role=cloud.role(*statements))
        self.name = self.arn.rpartition(":")[2]
        cloud.client("lambda").create_event_source_mapping(
            FunctionName=self.arn, EventSourceArn=source_arn, **settings
        )

    def batches(self) -> list[list[str]]:
        path = self.cloud.state_dir / "tmp" / self.name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def seen(self) -> list[str]:
        return [body for batch in self.batches() for body in batch]


def _queue(cloud: CloudSession, *, suffix: str = "", **attributes: str) -> tuple[str, str]:
    name = f"q-{uuid4().hex[:12]}{suffix}"
    url = cloud.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url, f"arn:aws:sqs:us-east-1:000000000000:{name}"


def _fed_by(cloud: CloudSession, arn: str, **settings: Any) -> _Mapped:
    return _Mapped(cloud, arn, *(allow(action, arn) for action in READ), **settings)


def _send(cloud: CloudSession, url: str, *bodies: str, group: str | None = None) -> None:
    for start in range(0, len(bodies), 10):
        entries = [
            {"Id": str(number), "MessageBody": body}
            | ({"MessageGroupId": group, "MessageDeduplicationId": f"{group}-{body}"} if group else {})
            for number, body in enumerate(bodies[start : start + 10])
        ]
        cloud.client("sqs").send_message_batch(QueueUrl=url, Entries=entries)


def test_a_batch_may_have_more_than_ten_messages(cloud_session: CloudSession) -> None:
    """With a window, 25 messages are one batch; MiniStack makes three of them."""
    url, arn = _queue(cloud_session)
    mapped = _fed_by(cloud_session, arn, BatchSize=1_000, MaximumBatchingWindowInSeconds=2)
    _send(cloud_session, url, *map(str, range(25)))
    wait_for(lambda: len(mapped.seen()) == 25)
    assert [len(batch) for batch in mapped.batches()] == [25]


def test_a_full_batch_does_not_wait_for_its_window(cloud_session: CloudSession) -> None:
    """Five of five go at once, long before five minutes."""
    url, arn = _queue(cloud_session)
    mapped = _fed_by(cloud_session, arn, BatchSize=5, MaximumBatchingWindowInSeconds=300)
    _send(cloud_session, url, *map(str, range(5)))
    wait_for(lambda: len(mapped.seen()) == 5)


def test_only_what_failed_comes_again(cloud_session: CloudSession) -> None:
    """ReportBatchItemFailures: the good message is gone, the bad one ends in the dead-letter queue."""
    dead_url, dead = _queue(cloud_session)
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 2})
    url, arn = _queue(cloud_session, VisibilityTimeout="20", RedrivePolicy=redrive)
    mapped = _fed_by(cloud_session, arn, FunctionResponseTypes=["ReportBatchItemFailures"])
    _send(cloud_session, url, "good", "bad")
    sqs = cloud_session.client("sqs")
    wait_for(lambda: sorted(mapped.seen()) == ["bad", "good"])
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "0"})
    wait_for(lambda: bool(sqs.receive_message(QueueUrl=dead_url).get("Messages")), seconds=60)
    assert mapped.seen().count("good") == 1
    assert mapped.seen().count("bad") == 2


def test_a_group_keeps_its_order(cloud_session: CloudSession) -> None:
    """A FIFO queue's batches hold one group each, in order."""
    attributes = {"FifoQueue": "true"}
    url, arn = _queue(cloud_session, suffix=".fifo", **attributes)
    mapped = _fed_by(cloud_session, arn)
    for group in ("a", "b"):
        _send(cloud_session, url, *(f"{group}{number:02}" for number in range(15)), group=group)
    wait_for(lambda: len(mapped.seen()) == 30, seconds=40)
    assert all(len({body[0] for body in batch}) == 1 for batch in mapped.batches())
    for group in ("a", "b"):
        mine = [body for body in mapped.seen() if body[0] == group]
        assert mine == sorted(mine)


def test_what_a_filter_drops_is_deleted(cloud_session: CloudSession) -> None:
    """At once, whatever becomes of what it lets through: here the function fails, and only that is left."""
    url, arn = _queue(cloud_session)
    criteria = {"Filters": [{"Pattern": json.dumps({"body": ["poison"]})}]}
    mapped = _fed_by(
        cloud_session, arn, FilterCriteria=criteria, BatchSize=3, MaximumBatchingWindowInSeconds=1
    )
    _send(cloud_session, url, "poison", '{"json": true}', "text")
    wait_for(lambda: mapped.seen() == ["poison"])
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = cloud_session.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
    assert sum(map(int, answer["Attributes"].values())) == 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"BatchSize": 11}, "Maximum batch window"),
        ({"MaximumRetryAttempts": 1}, "MaximumRetryAttempts"),
        ({"FilterCriteria": {"Filters": [{"Pattern": "no json"}]}}, "filter"),
    ],
)
def test_what_a_mapping_cannot_do_is_refused(
    cloud_session: CloudSession, settings: Any, message: str
) -> None:
    """When it is made."""
    _, arn = _queue(cloud_session)
    with pytest.raises(
        cloud_session.client("lambda").exceptions.InvalidParameterValueException, match=message
    ):
        _fed_by(cloud_session, arn, **settings)


def test_a_queue_must_hide_messages_while_the_function_runs(cloud_session: CloudSession) -> None:
    """The functions of these tests may take 20 s."""
    _, arn = _queue(cloud_session, VisibilityTimeout="19")
    with pytest.raises(
        cloud_session.client("lambda").exceptions.InvalidParameterValueException, match="19 seconds is less"
    ):
        _fed_by(cloud_session, arn)


def _table(cloud: CloudSession) -> tuple[str, str]:
    name = f"t-{uuid4().hex[:12]}"
    answer = cloud.client("dynamodb").create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )  # fmt: skip
    return name, answer["TableDescription"]["LatestStreamArn"]


def test_a_stream_gets_past_its_poison(cloud_session: CloudSession) -> None:
    """Halved until it is alone, tried again once, told to the destination: what comes after gets through."""
    table, arn = _table(cloud_session)
    url, dead = _queue(cloud_session)
    statements = [allow(f"dynamodb:{action}", arn if action != "ListStreams" else "*") for action in STREAM]
    dynamodb = cloud_session.client("dynamodb")
    for key in ("a", "poison", "b"):
        dynamodb.put_item(TableName=table, Item={"pk": {"S": key}})
    mapped = _Mapped(
        cloud_session, arn, *statements, allow("sqs:SendMessage", dead), StartingPosition="TRIM_HORIZON",
        BisectBatchOnFunctionError=True, MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": dead}},
    )  # fmt: skip
    wait_for(lambda: ["b"] in mapped.batches() or ["poison", "b"] in mapped.batches())
    found: list[Any] = []
    sqs = cloud_session.client("sqs")
    wait_for(lambda: bool(found.extend(sqs.receive_message(QueueUrl=url).get("Messages", [])) or found))
    told = json.loads(found[0]["Body"])
    assert told["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert (told["DDBStreamBatchInfo"]["batchSize"], told["requestContext"]["approximateInvokeCount"]) == (
        1,
        2,
    )
    wait_for(lambda: "b" in mapped.batches()[-1])


def test_a_stream_waits_for_its_window(cloud_session: CloudSession) -> None:
    """Ten records within two seconds are one batch."""
    table, arn = _table(cloud_session)
    statements = [allow(f"dynamodb:{action}", arn if action != "ListStreams" else "*") for action in STREAM]
    mapped = _Mapped(
        cloud_session, arn, *statements, StartingPosition="LATEST", MaximumBatchingWindowInSeconds=2
    )
    for number in range(10):
        cloud_session.client("dynamodb").put_item(TableName=table, Item={"pk": {"S": str(number)}})
    wait_for(lambda: len(mapped.seen()) == 10)
    assert len(mapped.batches()) == 1


def test_a_template_makes_a_whole_mapping_or_none(cloud_session: CloudSession) -> None:
    """CloudFormation asks the API; numbers may be texts."""
    _, arn = _queue(cloud_session)
    function = cloud_session.function(CODE, role=cloud_session.role(*(allow(action, arn) for action in READ)))
    properties = {"EventSourceArn": arn, "FunctionName": function, "BatchSize": "100"}
    assert _made(cloud_session, properties) == "ROLLBACK_COMPLETE"
    assert _made(cloud_session, properties | {"MaximumBatchingWindowInSeconds": "5"}) == "CREATE_COMPLETE"


def _made(cloud: CloudSession, properties: dict[str, Any]) -> str:
    name, formation = f"stack-{uuid4().hex[:12]}", cloud.client("cloudformation")
    template = {"Resources": {"M": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": properties}}}
    formation.create_stack(StackName=name, TemplateBody=json.dumps(template))
    while (status := formation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]).endswith(
        "PROGRESS"
    ):
        time.sleep(0.1)
    return str(status)


def _attempts(told: Any) -> int:
    return int(told["requestContext"]["approximateInvokeCount"])
