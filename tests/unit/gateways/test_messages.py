"""Events, messages and executions are sent so that a repetition does no harm, and a failure shows."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from sluiceway.errors import ServiceUnavailable
from sluiceway.gateways.events import EventBridgeEvents
from sluiceway.gateways.executions import StepFunctionsExecutions
from sluiceway.gateways.queues import SqsQueue
from sluiceway.triggers.contracts import ModelRegistered, RunPipelineInput
from tests.fakes.stubs import KEYS

EVENT = ModelRegistered(event_id="e", run_id="pp-1", project="pp", model_version="3")
MACHINE = "arn:aws:states:eu-west-1:111122223333:stateMachine:run_pipeline"
EXECUTION = "arn:aws:states:eu-west-1:111122223333:execution:run_pipeline:pp-1"


@pytest.fixture
def stub() -> Iterator[Any]:
    """Makes a client of a service that answers what a test tells it."""
    stubs: list[Stubber] = []

    def make(service: str) -> Stubber:
        stubs.append(Stubber(boto3.client(service, region_name="eu-west-1", **KEYS)))
        stubs[-1].activate()
        return stubs[-1]

    yield make
    for made in stubs:
        made.assert_no_pending_responses()


def test_an_event_is_named_after_its_class(stub: Any) -> None:
    """Source, detail type and bus are what the rules match."""
    events = stub("events")
    entry = {
        "Source": "sluiceway",
        "DetailType": "ModelRegistered",
        "Detail": EVENT.model_dump_json(),
        "EventBusName": "bus",
    }
    events.add_response(
        "put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}, {"Entries": [entry]}
    )
    EventBridgeEvents(events.client, "bus").publish(EVENT)


def test_an_event_that_was_not_taken_is_an_error(stub: Any) -> None:
    """PutEvents answers 200 and says in the body that it took nothing."""
    events = stub("events")
    refused = {"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}
    events.add_response("put_events", {"FailedEntryCount": 1, "Entries": [refused]})
    with pytest.raises(ServiceUnavailable, match="did not take ModelRegistered on bus: ThrottlingException"):
        EventBridgeEvents(events.client, "bus").publish(EVENT)


def test_a_message_is_delayed_by_seconds(stub: Any) -> None:
    """The body is the contract as JSON."""
    sqs = stub("sqs")
    sqs.add_response(
        "send_message",
        {"MessageId": "1"},
        {"QueueUrl": "https://q", "MessageBody": '{"run_id":"pp-1"}', "DelaySeconds": 30},
    )
    SqsQueue(sqs.client, "https://q").send(RunPipelineInput(run_id="pp-1"), delay=30)


def test_an_execution_that_was_started_before_is_the_same(stub: Any) -> None:
    """Its ARN follows from its name, so a lost answer is no loss."""
    states = stub("stepfunctions")
    asked = {"stateMachineArn": MACHINE, "name": "pp-1", "input": '{"run_id":"pp-1"}'}
    states.add_response("start_execution", {"executionArn": EXECUTION, "startDate": 0}, asked)
    states.add_client_error("start_execution", "ExecutionAlreadyExists", http_status_code=400)
    gateway, given = StepFunctionsExecutions(states.client), RunPipelineInput(run_id="pp-1")
    assert [gateway.start(MACHINE, "pp-1", given) for _ in range(2)] == [EXECUTION, EXECUTION]
