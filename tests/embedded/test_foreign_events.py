"""Events on a bus of another account: its policy decides, and the event says whose it is."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from embedded.environment import ACCOUNT_ID, REGION
from tests.embedded.conftest import CloudSession, wait_for

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(120)]

FOREIGN = "111122223333"


class ForeignAccount:
    """A role of another account, which its own policy allows to put any event anywhere."""

    def __init__(self, cloud: CloudSession, account: str = FOREIGN) -> None:
        self._cloud, self._account = cloud, account
        self._session = self._assumed(f"role-{uuid4().hex[:12]}")

    def events(self) -> Any:
        """EventBridge, under that role."""
        return self._client("events", self._session)

    def _assumed(self, name: str) -> tuple[str, str, str]:
        iam = self._client("iam", (self._account, "test", None))
        trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{self._account}:root"}}
        arn = iam.create_role(
            RoleName=name, AssumeRolePolicyDocument=_policy(trust | {"Action": "sts:AssumeRole"})
        )["Role"]["Arn"]
        may = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": "*"}
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=_policy(may))
        sts = self._client("sts", (self._account, "test", None))
        found = sts.assume_role(RoleArn=arn, RoleSessionName="foreign")["Credentials"]
        return found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"]

    def _client(self, service: str, keys: tuple[str, str, str | None]) -> Any:
        return boto3.client(
            service,
            endpoint_url=self._cloud.endpoint_url,
            region_name=REGION,
            verify=self._cloud.ca_bundle,
            aws_access_key_id=keys[0],
            aws_secret_access_key=keys[1],
            aws_session_token=keys[2],
        )


def _policy(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.fixture
def bus(cloud_session: CloudSession) -> str:
    """The ARN of a bus that lets the foreign account ask, and nothing else."""
    events, name = cloud_session.client("events"), f"bus-{uuid4().hex[:12]}"
    arn = str(events.create_event_bus(Name=name)["EventBusArn"])
    statement = {
        "Sid": "asking",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{FOREIGN}:root"},
        "Action": "events:PutEvents",
        "Resource": arn,
        "Condition": {
            "ForAllValues:StringEquals": {"events:detail-type": ["Asked"]},
            "ForAllValues:StringNotEquals": {"events:source": "sluiceway"},
        },
    }
    events.put_permission(EventBusName=name, Policy=_policy(statement))
    return arn


def _entry(bus: str, kind: str = "Asked", source: str = "their.program") -> dict[str, str]:
    return {"EventBusName": bus, "Source": source, "DetailType": kind, "Detail": '{"n": 1}'}


def test_an_event_of_another_account_arrives_with_that_account(cloud_session: CloudSession, bus: str) -> None:
    """Rules on the bus see whose it is, and may ask for it."""
    url = _queue_behind(cloud_session, bus, {"account": [FOREIGN]})
    answer = ForeignAccount(cloud_session).events().put_events(Entries=[_entry(bus)])
    assert answer["FailedEntryCount"] == 0
    received: list[Any] = []
    sqs = cloud_session.client("sqs")
    wait_for(lambda: received.extend(sqs.receive_message(QueueUrl=url).get("Messages", [])) or bool(received))
    event = json.loads(received[0]["Body"])
    assert (event["account"], event["source"], event["detail"]) == (FOREIGN, "their.program", {"n": 1})


@pytest.mark.parametrize(
    "entries",
    [
        [{"kind": "CodePushed"}],
        [{"source": "sluiceway"}],
        [{}, {"kind": "CodePushed"}],
        [{"source": "sluiceway"}, {}],
    ],
)
def test_what_the_policy_does_not_allow_is_denied_whole(
    cloud_session: CloudSession, bus: str, entries: list[dict[str, str]]
) -> None:
    """Another type, or the platform's own name; also hidden behind an event that is allowed."""
    foreign = ForeignAccount(cloud_session).events()
    with pytest.raises(ClientError, match="not authorized to perform: events:PutEvents"):
        foreign.put_events(Entries=[_entry(bus, **entry) for entry in entries])


def test_an_account_that_the_policy_does_not_name_is_denied(cloud_session: CloudSession, bus: str) -> None:
    """Whatever its own policies allow."""
    stranger = ForeignAccount(cloud_session, "444455556666").events()
    with pytest.raises(ClientError, match="not authorized to perform: events:PutEvents"):
        stranger.put_events(Entries=[_entry(bus)])


def _queue_behind(cloud: CloudSession, bus: str, pattern: Mapping[str, Any]) -> str:
    sqs, events, name = cloud.client("sqs"), cloud.client("events"), f"q-{uuid4().hex[:12]}"
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{name}"
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}
    statement |= {"Action": "sqs:SendMessage", "Resource": arn}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": _policy(statement)})
    bus_name = bus.rpartition("/")[2]
    events.put_rule(Name=name, EventBusName=bus_name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, EventBusName=bus_name, Targets=[{"Id": "queue", "Arn": arn}])
    return str(url)


def test_a_template_holds_statements_of_a_bus_policy(cloud_session: CloudSession) -> None:
    """Each resource is one statement, and goes with its stack."""
    formation, events, name = (
        cloud_session.client("cloudformation"),
        cloud_session.client("events"),
        f"bus-{uuid4().hex[:12]}",
    )
    statement = {"Effect": "Allow", "Principal": {"AWS": FOREIGN}, "Action": "events:PutEvents"}
    policy = {"EventBusName": {"Ref": "Bus"}, "StatementId": "asking"}
    resources = {
        "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": name}},
        "Asking": {
            "Type": "AWS::Events::EventBusPolicy",
            "Properties": policy | {"Statement": statement | {"Resource": {"Fn::GetAtt": ["Bus", "Arn"]}}},
        },
    }
    formation.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources}))
    wait_for(lambda: "Policy" in _described(events, name))
    (standing,) = json.loads(_described(events, name)["Policy"])["Statement"]
    assert (standing["Sid"], standing["Principal"]) == ("asking", {"AWS": FOREIGN})


def _described(events: Any, name: str) -> dict[str, Any]:
    try:
        return dict(events.describe_event_bus(Name=name))
    except ClientError:
        return {}
