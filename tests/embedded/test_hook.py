"""The hook on every call of a running cloud: what is on record, and what a fault plan breaks."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from embedded import lifecycle
from embedded.hook import faults, principal, record, sites
from embedded.hook.faults import Action, Fault, FaultPlan
from embedded.hook.plan import PlanError
from embedded.hook.record import Record, Selection
from tests.embedded.conftest import CloudSession, allow, wait_for

pytestmark = pytest.mark.embedded


def _client(cloud: CloudSession, service: str, config: Config, keys: Mapping[str, str] | None = None) -> Any:
    keys = keys or {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=cloud.endpoint_url,
        verify=cloud.ca_bundle,
        region_name="us-east-1",
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=keys.get("AWS_SESSION_TOKEN"),
        config=config,
    )


def _once(cloud: CloudSession, service: str) -> Any:
    return _client(cloud, service, Config(retries={"total_max_attempts": 1}))


def _queue(cloud: CloudSession) -> tuple[str, str]:
    name = f"hook-{uuid4().hex[:12]}"
    url = cloud.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    return url, f"arn:aws:sqs:us-east-1:000000000000:{name}"


def _count(cloud: CloudSession, url: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = cloud.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(map(int, found.values()))


def _records(cloud: CloudSession, resource: str) -> list[Record]:
    faults.flush(cloud.state_dir)
    return [each for each in record.read(cloud.state_dir) if resource in each.resources]


def _plan(**values: Any) -> FaultPlan:
    return FaultPlan(faults=(Fault.model_validate({"name": "fault"} | values),))


def test_calls_of_root_of_roles_and_of_services_are_on_record(cloud_session: CloudSession) -> None:
    """Root's, which IAM is not asked about; a role's; and one that a service makes under a role."""
    url, arn = _queue(cloud_session)
    keys = cloud_session.assume(cloud_session.role(allow("sqs:SendMessage", arn)))
    config = principal.client_config("states.amazonaws.com")
    cloud_session.client("sqs").send_message(QueueUrl=url, MessageBody="m")
    cloud_session.client("sqs", keys).send_message(QueueUrl=url, MessageBody='{"password": "hunter2"}')
    _client(cloud_session, "sqs", config or Config(), keys).send_message(QueueUrl=url, MessageBody="m")
    with pytest.raises(ClientError):
        cloud_session.client("sqs", keys).receive_message(QueueUrl=url)
    found = [each for each in _records(cloud_session, arn) if each.operation != "CreateQueue"]
    assert [(each.operation, each.decision, each.by_service, each.on_behalf_of) for each in found] == [
        ("SendMessage", "Root", False, ""),
        ("SendMessage", "Allow", False, ""),
        ("SendMessage", "Allow", True, "states.amazonaws.com"),
        ("ReceiveMessage", "ImplicitDeny", False, ""),
    ]
    assert found[0].caller == "root"
    assert found[1].caller.startswith("role-")
    assert found[1].parameters["MessageBody"] == '{"password":"<redacted>"}'
    assert (found[3].status, "AccessDenied" in found[3].error) == (403, True)


@pytest.mark.parametrize(
    ("service", "operation", "given", "code"),
    [
        ("dynamodb", "list_tables", {}, "ThrottlingException"),
        ("sqs", "list_queues", {}, "RequestThrottled"),
        ("lambda", "list_functions", {}, "TooManyRequestsException"),
        ("batch", "describe_job_queues", {}, "ThrottlingException"),
        ("iam", "list_roles", {}, "Throttling"),
        ("ec2", "describe_vpcs", {}, "RequestLimitExceeded"),
        ("s3", "list_objects_v2", {"Bucket": "hook-no-bucket"}, "SlowDown"),
        ("s3", "head_object", {"Bucket": "hook-no-bucket", "Key": "k"}, "503"),
        ("cloudwatch", "list_metrics", {}, "ThrottlingException"),
        ("stepfunctions", "list_state_machines", {}, "ThrottlingException"),
    ],
)
def test_each_service_throttles_in_its_own_words(
    cloud_session: CloudSession, *, service: str, operation: str, given: dict[str, Any], code: str
) -> None:
    """JSON, forms, EC2 and S3: boto3 finds the code that its retries know."""
    plan = _plan(action="throttle", service=service)
    with faults.injected(cloud_session.state_dir, plan), pytest.raises(ClientError) as caught:
        getattr(_once(cloud_session, service), operation)(**given)
    assert caught.value.response["Error"]["Code"] == code


def test_a_lost_answer_makes_the_client_do_it_again(cloud_session: CloudSession) -> None:
    """That is what a proof of "exactly once" has to stand."""
    url, arn = _queue(cloud_session)
    with faults.injected(
        cloud_session.state_dir, _plan(action="lost_answer", operation="SendMessage", resource=arn, nth=1)
    ):
        cloud_session.client("sqs").send_message(QueueUrl=url, MessageBody="m")
    assert _count(cloud_session, url) == 2
    lost, again = [each for each in _records(cloud_session, arn) if each.operation == "SendMessage"]
    assert (lost.fault_action, lost.fault, lost.status, again.status) == ("lost_answer", "fault", None, 200)


@pytest.mark.parametrize(("action", "sent"), [("fail_before", 0), ("fail_after", 1), ("lost_answer", 1)])
def test_a_call_fails_before_or_after_it_is_done(cloud_session: CloudSession, action: str, sent: int) -> None:
    """A client that does not try again sees a failure either way."""
    url, arn = _queue(cloud_session)
    plan = _plan(action=action, operation="SendMessage", resource=arn)
    with (
        faults.injected(cloud_session.state_dir, plan),
        pytest.raises((ClientError, ConnectionClosedError)),
    ):
        _once(cloud_session, "sqs").send_message(QueueUrl=url, MessageBody="m")
    assert _count(cloud_session, url) == sent


def test_a_call_is_held_up(cloud_session: CloudSession) -> None:
    """Others are served meanwhile."""
    url, arn = _queue(cloud_session)
    with faults.injected(cloud_session.state_dir, _plan(action="delay", seconds=0.4, resource=arn)):
        _count(cloud_session, url)
    assert _records(cloud_session, arn)[-1].duration >= 0.4


def test_an_entry_that_matched_no_call_is_reported(cloud_session: CloudSession) -> None:
    """A fault that was never injected proves nothing."""
    with (
        pytest.raises(PlanError, match="matched no call: fault"),
        faults.injected(cloud_session.state_dir, _plan(action="throttle", caller="nobody")),
    ):
        cloud_session.client("sqs").list_queues()
    assert not faults.show(cloud_session.state_dir).is_active


def _rule_to(cloud: CloudSession, queue_arn: str) -> str:
    name, events = f"hook.{uuid4().hex[:8]}", cloud.client("events")
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
    role = cloud.role(allow("sqs:SendMessage", queue_arn))
    events.put_targets(Rule=name, Targets=[{"Id": "t", "Arn": queue_arn, "RoleArn": role}])
    return name


@pytest.mark.parametrize(("action", "delivered"), [("fail_before", 1), ("lost_answer", 2)])
def test_a_rules_delivery_is_broken_and_made_again(
    cloud_session: CloudSession, action: str, delivered: int
) -> None:
    """It fails as the target would: EventBridge tries again, and what was delivered comes twice."""
    url, arn = _queue(cloud_session)
    source = _rule_to(cloud_session, arn)
    plan = _plan(action=action, operation="SendMessage", resource=arn, caller="events.amazonaws.com", nth=1)
    with faults.injected(cloud_session.state_dir, plan):
        entry = {"Source": source, "DetailType": "Happened", "Detail": "{}"}
        cloud_session.client("events").put_events(Entries=[entry])
        wait_for(lambda: _count(cloud_session, url) == delivered)
    found = [each for each in _records(cloud_session, arn) if each.operation == "SendMessage"]
    assert [(each.on_behalf_of, each.by_service, each.fault_action) for each in found] == [
        ("events.amazonaws.com", True, action),
        ("events.amazonaws.com", True, ""),
    ]
    assert found[0].caller.startswith("role-")


def test_a_batch_whose_answer_is_lost_comes_again(cloud_session: CloudSession, tmp_path: Path) -> None:
    """The mapping does not know that the function did its work."""
    url, arn = _queue(cloud_session)
    read = [allow(f"sqs:{name}", arn) for name in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")]
    told = tmp_path / "told"
    code = f"def handler(event, _):\n    open({str(told)!r}, 'a').write('x')"
    function = cloud_session.function(code, role=cloud_session.role(*read, allow("logs:*")))
    lambda_, seconds = cloud_session.client("lambda"), 3
    lambda_.update_function_configuration(FunctionName=function, Timeout=seconds)
    timeout = {"VisibilityTimeout": str(seconds)}
    cloud_session.client("sqs").set_queue_attributes(QueueUrl=url, Attributes=timeout)
    plan = _plan(action="lost_answer", service="lambda", resource=f"{function}*", caller="lambda.*", nth=1)
    with faults.injected(cloud_session.state_dir, plan):
        cloud_session.client("sqs").send_message(QueueUrl=url, MessageBody="m")
        lambda_.create_event_source_mapping(FunctionName=function, EventSourceArn=arn, BatchSize=1)
        wait_for(lambda: _count(cloud_session, url) == 0, seconds=60)
    assert told.read_text() == "xx"


def test_every_place_that_changes_something_can_be_broken(cloud_session: CloudSession) -> None:
    """Run once to see the call sites, then again with a lost answer at each of them."""
    url, arn = _queue(cloud_session)

    def act() -> None:
        cloud_session.client("sqs").send_message(QueueUrl=url, MessageBody="m")
        cloud_session.client("sqs").tag_queue(QueueUrl=url, Tags={"a": "b"})
        _count(cloud_session, url)

    act()
    found = sites.mutating([each for each in _records(cloud_session, arn) if each.operation != "CreateQueue"])
    assert [site.operation for site in found] == ["SendMessage", "TagQueue"]
    for site in found:
        with faults.injected(cloud_session.state_dir, site.plan(Action.LOST_ANSWER)):
            act()
    assert _count(cloud_session, url) == 4


@pytest.fixture
def own_cloud(tmp_path: Path) -> Iterator[Path]:
    """The folder of a cloud that may be killed."""
    lifecycle.up(tmp_path)
    yield tmp_path
    lifecycle.down(tmp_path)


@pytest.mark.parametrize(("moment", "kept"), [("before", False), ("after", True)])
def test_a_cloud_is_killed_at_a_call(own_cloud: Path, moment: str, kept: bool) -> None:
    """As in a power cut; the record says at which, and what was done by then is there after a start."""
    cloud = _session(own_cloud)
    faults.apply(own_cloud, _plan(action="kill", moment=moment, service="sqs", operation="CreateQueue"))
    with pytest.raises(ConnectionClosedError):
        _once(cloud, "sqs").create_queue(QueueName="q")
    wait_for(lambda: not lifecycle.status(own_cloud).is_up)
    (cut,) = record.read(own_cloud, Selection(operation="CreateQueue"))
    assert (cut.fault, cut.fault_action, cut.status) == ("fault", "kill", None)
    lifecycle.up(own_cloud)
    assert not faults.show(own_cloud).is_active
    assert bool(cloud.client("sqs").list_queues().get("QueueUrls")) is kept


def _session(state_dir: Path) -> CloudSession:
    status, variables = lifecycle.status(state_dir), lifecycle.client_variables(state_dir)
    assert status.endpoint_url
    assert status.tracking_uri
    return CloudSession(state_dir, status.endpoint_url, status.tracking_uri, variables["AWS_CA_BUNDLE"])
