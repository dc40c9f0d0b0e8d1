"""State machines in the embedded cloud: permissions, errors, time-outs, nested machines."""

import json
import time
from typing import Any
from uuid import uuid4

import pytest

from tests.embedded.conftest import CloudSession, allow, wait_for

pytestmark = pytest.mark.embedded

WAIT = {"Type": "Wait", "Seconds": 2, "End": True}
NESTED = "arn:aws:states:::states:startExecution.sync:2"


def _task(resource: str, arguments: dict[str, Any], **fields: Any) -> dict[str, Any]:
    state = {"Type": "Task", "Resource": resource, "Arguments": arguments, "End": True} | fields
    return {"StartAt": "Task", "States": {"Task": state}}


def _invoking(function: str, **fields: Any) -> dict[str, Any]:
    return _task("arn:aws:states:::lambda:invoke", {"FunctionName": function}, **fields)


def _nesting(machine: str) -> dict[str, Any]:
    return _task(NESTED, {"StateMachineArn": machine, "Input": {}})


def test_a_machine_needs_the_permission_to_invoke(cloud_session: CloudSession) -> None:
    """A Task's call is made under the machine's role, and denied where that role lacks the action."""
    function = cloud_session.function("def handler(event, context): return 1")
    role = cloud_session.role()
    denied = cloud_session.run(cloud_session.machine(_invoking(function), role=role))
    assert (denied["status"], denied["error"]) == ("FAILED", "Lambda.AWSLambdaException")
    assert f"lambda:InvokeFunction on resource: {function}" in denied["cause"]
    call = cloud_session.calls_of(role, action="lambda:InvokeFunction")[-1]
    assert (call.decision, call.by_service, call.resource) == ("ImplicitDeny", True, function)


def test_with_the_permission_it_runs(cloud_session: CloudSession) -> None:
    """The same machine with the action granted on that function succeeds."""
    function = cloud_session.function("def handler(event, context): return 1")
    role = cloud_session.role(allow("lambda:InvokeFunction", function))
    assert cloud_session.run(cloud_session.machine(_invoking(function), role=role))["status"] == "SUCCEEDED"


def test_error_equals_matches_the_exceptions_class(cloud_session: CloudSession) -> None:
    """A Catch on a class of ours catches it."""
    function = cloud_session.function(
        "class NotFound(Exception): pass\ndef handler(event, context): raise NotFound('no such run')"
    )
    role = cloud_session.role(allow("lambda:InvokeFunction", function))
    definition = _invoking(function, Catch=[{"ErrorEquals": ["NotFound"], "Next": "Caught"}])
    definition["States"]["Caught"] = {"Type": "Pass", "Output": "caught", "End": True}
    assert json.loads(cloud_session.run(cloud_session.machine(definition, role=role))["output"]) == "caught"


def test_the_same_start_twice_is_one_execution(cloud_session: CloudSession) -> None:
    """Same name and input while running: the running execution is the answer."""
    machine = cloud_session.machine({"StartAt": "W", "States": {"W": WAIT}}, role=cloud_session.role())
    states, name = cloud_session.client("stepfunctions"), uuid4().hex
    first = states.start_execution(stateMachineArn=machine, name=name, input="{}")
    second = states.start_execution(stateMachineArn=machine, name=name, input="{}")
    assert first["executionArn"] == second["executionArn"]
    with pytest.raises(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(stateMachineArn=machine, name=name, input='{"other": 1}')


def test_a_machines_timeout_ends_it(cloud_session: CloudSession) -> None:
    """TimeoutSeconds at the top ends an execution as TIMED_OUT, whatever its state is doing."""
    definition = {"TimeoutSeconds": 1, "StartAt": "W", "States": {"W": WAIT}}
    ended = cloud_session.run(cloud_session.machine(definition, role=cloud_session.role()))
    assert ended["status"] == "TIMED_OUT"
    time.sleep(1.5)  # The state wakes up in the meantime, and must not change how it ended.
    states = cloud_session.client("stepfunctions")
    assert states.describe_execution(executionArn=ended["executionArn"])["status"] == "TIMED_OUT"


def test_an_execution_starts_at_once(cloud_session: CloudSession) -> None:
    """A machine with one Pass state is through at once."""
    machine = cloud_session.machine(
        {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}, role=cloud_session.role()
    )
    ended = cloud_session.run(machine)
    assert (ended["stopDate"] - ended["startDate"]).total_seconds() < 0.15


class TestNested:
    """`startExecution.sync:2`."""

    def _role(self, cloud: CloudSession) -> str:
        actions = ("states:StartExecution", "states:DescribeExecution", "states:StopExecution")
        rule = "arn:aws:events:*:*:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
        return cloud.role(*map(allow, actions), allow("events:*", rule))

    def test_a_failed_child_fails_the_task(self, cloud_session: CloudSession) -> None:
        """The error is States.TaskFailed; the cause describes the child, its own error included."""
        state = {"Type": "Fail", "Error": "Broken", "Cause": "a reason"}
        child = cloud_session.machine({"StartAt": "F", "States": {"F": state}}, role=cloud_session.role())
        failed = cloud_session.run(cloud_session.machine(_nesting(child), role=self._role(cloud_session)))
        assert failed["error"] == "States.TaskFailed"
        cause = json.loads(failed["cause"])
        assert (cause["Status"], cause["Error"], cause["Cause"]) == ("FAILED", "Broken", "a reason")

    def test_a_child_hands_its_output_up(self, cloud_session: CloudSession) -> None:
        """`.sync:2` gives the child's output as JSON."""
        state = {"Type": "Pass", "Output": {"answer": 42}, "End": True}
        child = cloud_session.machine({"StartAt": "P", "States": {"P": state}}, role=cloud_session.role())
        ended = cloud_session.run(cloud_session.machine(_nesting(child), role=self._role(cloud_session)))
        assert json.loads(ended["output"])["Output"] == {"answer": 42}

    def test_stopping_a_parent_stops_its_child(self, cloud_session: CloudSession) -> None:
        """Nobody waits for the child any more, so it ends."""
        states = cloud_session.client("stepfunctions")
        waiting = {"StartAt": "W", "States": {"W": WAIT | {"Seconds": 60}}}
        child = cloud_session.machine(waiting, role=cloud_session.role())
        parent = cloud_session.machine(_nesting(child), role=self._role(cloud_session))
        arn = states.start_execution(stateMachineArn=parent)["executionArn"]
        wait_for(lambda: bool(states.list_executions(stateMachineArn=child)["executions"]))
        states.stop_execution(executionArn=arn)
        wait_for(
            lambda: states.list_executions(stateMachineArn=child)["executions"][0]["status"] == "ABORTED"
        )


def test_executions_are_counted(cloud_session: CloudSession) -> None:
    """AWS/States holds a datapoint for the start and for the end of each execution."""
    machine = cloud_session.machine(
        {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}, role=cloud_session.role()
    )
    cloud_session.run(machine)
    dimensions = [{"Name": "StateMachineArn", "Value": machine}]

    def names() -> set[str]:
        metrics = cloud_session.client("cloudwatch").list_metrics(
            Namespace="AWS/States", Dimensions=dimensions
        )["Metrics"]
        return {metric["MetricName"] for metric in metrics}

    wait_for(lambda: names() == {"ExecutionsStarted", "ExecutionsSucceeded", "ExecutionTime"})
