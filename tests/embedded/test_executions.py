"""Executions in the embedded cloud: what they call, under which role, and who hears of them."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.embedded.conftest import CloudSession, allow, wait_for

pytestmark = pytest.mark.embedded

PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
INTEGRATION = "arn:aws:states:::"


def _task(resource: str, arguments: Any = None, **fields: Any) -> dict[str, Any]:
    given = {} if arguments is None else {"Arguments": arguments}
    name = resource if resource.startswith("arn:") else INTEGRATION + resource
    return {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": name, "End": True} | given | fields}}


def _name() -> str:
    return f"n-{uuid4().hex[:12]}"


def _queue(cloud: CloudSession) -> tuple[str, str]:
    """The URL and the ARN of a new queue."""
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName=_name())["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return url, arn


def _received(cloud: CloudSession, url: str) -> str:
    """The body of a message, which is waited for."""
    bodies: list[str] = []

    def receive() -> bool:
        found = cloud.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", [])
        bodies.extend(message["Body"] for message in found)
        return bool(bodies)

    wait_for(receive)
    return bodies[0]


class TestCalls:
    """What Task states call."""

    def test_a_call_through_the_sdk_is_made_under_the_machines_role(
        self, cloud_session: CloudSession
    ) -> None:
        """Denied without the permission, by the name that the SDK gives it; done with it."""
        name = f"/{_name()}"
        cloud_session.client("ssm").put_parameter(Name=name, Value="v", Type="String")
        definition = _task("aws-sdk:ssm:getParameter", {"Name": name})
        denied = cloud_session.run(cloud_session.machine(definition, role=cloud_session.role()))
        assert (denied["status"], denied["error"]) == ("FAILED", "Ssm.AccessDeniedException")
        assert "is not authorized to perform: ssm:GetParameter on resource" in denied["cause"]
        role = cloud_session.role(allow("ssm:GetParameter"))
        ended = cloud_session.run(cloud_session.machine(definition, role=role))
        assert json.loads(ended["output"])["Parameter"]["Value"] == "v"

    def test_a_task_token_waits_for_its_answer(self, cloud_session: CloudSession) -> None:
        """It travels in a message, and whoever got it answers."""
        url, arn = _queue(cloud_session)
        arguments = {"QueueUrl": url, "MessageBody": {"token": "{% $states.context.Task.Token %}"}}
        role = cloud_session.role(allow("sqs:SendMessage", arn))
        machine = cloud_session.machine(_task("sqs:sendMessage.waitForTaskToken", arguments), role=role)
        states = cloud_session.client("stepfunctions")
        execution = states.start_execution(stateMachineArn=machine)["executionArn"]
        token = json.loads(_received(cloud_session, url))["token"]
        states.send_task_heartbeat(taskToken=token)
        states.send_task_success(taskToken=token, output='{"a": 1}')
        wait_for(lambda: states.describe_execution(executionArn=execution)["status"] == "SUCCEEDED")
        assert states.describe_execution(executionArn=execution)["output"] == '{"a":1}'

    def test_a_worker_does_an_activitys_task(self, cloud_session: CloudSession) -> None:
        """It waits for one, and has it when there is one."""
        states = cloud_session.client("stepfunctions")
        activity = states.create_activity(name=_name())["activityArn"]
        machine = cloud_session.machine(_task(activity), role=cloud_session.role())
        with ThreadPoolExecutor(1) as worker:
            asked = worker.submit(states.get_activity_task, activityArn=activity, workerName="me")
            execution = states.start_execution(stateMachineArn=machine, input='{"a":1}')["executionArn"]
            task = asked.result(timeout=30)
        assert json.loads(task["input"]) == {"a": 1}
        states.send_task_failure(taskToken=task["taskToken"], error="E", cause="C")
        wait_for(lambda: states.describe_execution(executionArn=execution)["status"] == "FAILED")
        assert states.describe_execution(executionArn=execution)["error"] == "E"

    def test_another_role_is_assumed_by_the_machines_own(self, cloud_session: CloudSession) -> None:
        """`Credentials` name it; the machine's role needs `sts:AssumeRole` on it."""
        url, arn = _queue(cloud_session)
        other = cloud_session.role(allow("sqs:SendMessage", arn))
        arguments = {"QueueUrl": url, "MessageBody": "m"}
        definition = _task("sqs:sendMessage", arguments, Credentials={"RoleArn": other})
        denied = cloud_session.run(cloud_session.machine(definition, role=cloud_session.role()))
        assert (denied["status"], denied["error"]) == ("FAILED", "States.Permissions")
        role = cloud_session.role(allow("sts:AssumeRole", other))
        assert cloud_session.run(cloud_session.machine(definition, role=role))["status"] == "SUCCEEDED"
        assert _received(cloud_session, url) == "m"

    def test_items_are_read_from_s3_and_results_written_there(self, cloud_session: CloudSession) -> None:
        """A distributed Map, its files under the machine's role."""
        bucket, s3 = _name(), cloud_session.client("s3")
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="items.csv", Body=b"a\n1\n2\n3\n")
        reader = {
            "Resource": f"{INTEGRATION}s3:getObject",
            "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
            "Arguments": {"Bucket": bucket, "Key": "items.csv"},
        }
        processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}} | PASS
        state = {"Type": "Map", "ItemReader": reader, "ItemProcessor": processor, "End": True}
        writer = {"Resource": f"{INTEGRATION}s3:putObject", "Arguments": {"Bucket": bucket, "Prefix": "out"}}
        machine = {"StartAt": "M", "States": {"M": state | {"ResultWriter": writer}}}
        role = cloud_session.role(allow("s3:GetObject"), allow("s3:PutObject"))
        ended = cloud_session.run(cloud_session.machine(machine, role=role))
        assert ended["status"] == "SUCCEEDED", ended
        written = json.loads(ended["output"])["ResultWriterDetails"]
        manifest = json.loads(s3.get_object(Bucket=bucket, Key=written["Key"])["Body"].read())
        (file,) = manifest["ResultFiles"]["SUCCEEDED"]
        results = json.loads(s3.get_object(Bucket=bucket, Key=file["Key"])["Body"].read())
        assert [json.loads(each["Output"]) for each in results] == [{"a": "1"}, {"a": "2"}, {"a": "3"}]


class TestApi:
    """The API over the wire."""

    def test_callers_need_permissions_on_machine_and_execution(self, cloud_session: CloudSession) -> None:
        """A policy names the machine, also where an alias is started."""
        states = cloud_session.client("stepfunctions")
        machine = cloud_session.machine(PASS, role=cloud_session.role())
        version = states.publish_state_machine_version(stateMachineArn=machine)["stateMachineVersionArn"]
        role = cloud_session.role(allow("states:StartExecution", machine))
        caller = cloud_session.client("stepfunctions", cloud_session.assume(role))
        started = caller.start_execution(stateMachineArn=version)["executionArn"]
        with pytest.raises(ClientError, match=f"states:DescribeExecution on resource: {started}"):
            caller.describe_execution(executionArn=started)

    def test_a_history_comes_in_pages(self, cloud_session: CloudSession) -> None:
        """boto3's paginator walks them."""
        states = cloud_session.client("stepfunctions")
        ended = cloud_session.run(cloud_session.machine(PASS, role=cloud_session.role()))
        pages = states.get_paginator("get_execution_history").paginate(
            executionArn=ended["executionArn"], PaginationConfig={"PageSize": 2}
        )
        events = [event for page in pages for event in page["events"]]
        assert [event["type"] for event in events] == [
            "ExecutionStarted",
            "PassStateEntered",
            "PassStateExited",
            "ExecutionSucceeded",
        ]
        assert events[0]["timestamp"].timestamp() == pytest.approx(ended["startDate"].timestamp(), abs=1)

    def test_what_is_not_served_is_refused_at_creation(self, cloud_session: CloudSession) -> None:
        """By its name and place."""
        definition = _task("glue:startJobRun.sync", {"JobName": "j"})
        states = cloud_session.client("stepfunctions")
        with pytest.raises(states.exceptions.InvalidDefinition, match=r"glue:startJobRun\.sync"):
            cloud_session.machine(definition, role=cloud_session.role())

    def test_a_state_can_be_tried(self, cloud_session: CloudSession) -> None:
        """With a call for real."""
        function = cloud_session.function("def handler(event, context): return event['a'] + 1")
        role = cloud_session.role(allow("lambda:InvokeFunction", function))
        state = {
            "QueryLanguage": "JSONata",
            "Type": "Task",
            "Resource": f"{INTEGRATION}lambda:invoke",
            "Arguments": {"FunctionName": function, "Payload": "{% $states.input %}"},
            "Output": "{% $states.result.Payload %}",
            "Next": "Then",
        }
        states = cloud_session.client("stepfunctions")
        states.meta.config.inject_host_prefix = False  # Else boto3 asks a host of another name.
        found = states.test_state(definition=json.dumps(state), roleArn=role, input='{"a": 1}')
        assert (found["status"], found["output"], found["nextState"]) == ("SUCCEEDED", "2", "Then")


class TestNotices:
    """Who hears of executions."""

    def test_a_change_of_status_reaches_a_rule(self, cloud_session: CloudSession) -> None:
        """On the default bus, from aws.states."""
        machine = cloud_session.machine(PASS, role=cloud_session.role())
        url, arn = _queue(cloud_session)
        statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}
        statement |= {"Action": "sqs:SendMessage", "Resource": arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        cloud_session.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        events, rule = cloud_session.client("events"), _name()
        detail = {"stateMachineArn": [machine], "status": ["SUCCEEDED"]}
        events.put_rule(Name=rule, EventPattern=json.dumps({"source": ["aws.states"], "detail": detail}))
        events.put_targets(Rule=rule, Targets=[{"Id": "q", "Arn": arn}])
        ended = cloud_session.run(machine)
        event = json.loads(_received(cloud_session, url))
        assert event["detail-type"] == "Step Functions Execution Status Change"
        assert event["resources"] == [ended["executionArn"]]
        assert event["detail"]["stopDate"] == int(ended["stopDate"].timestamp() * 1000)

    def test_executions_are_counted(self, cloud_session: CloudSession) -> None:
        """In AWS/States, by machine."""
        machine = cloud_session.machine(PASS, role=cloud_session.role())
        cloud_session.run(machine)
        metrics = cloud_session.client("cloudwatch")
        dimensions = [{"Name": "StateMachineArn", "Value": machine}]

        def names() -> set[str]:
            found = metrics.list_metrics(Namespace="AWS/States", Dimensions=dimensions)["Metrics"]
            return {metric["MetricName"] for metric in found}

        wait_for(lambda: names() == {"ExecutionsStarted", "ExecutionsSucceeded", "ExecutionTime"})

    def test_events_are_logged(self, cloud_session: CloudSession) -> None:
        """Into the group that the machine names."""
        logs, group = cloud_session.client("logs"), f"/{_name()}"
        logs.create_log_group(logGroupName=group)
        arn = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["arn"]
        destination = {"cloudWatchLogsLogGroup": {"logGroupArn": arn}}
        role = cloud_session.role(allow("logs:*"))
        machine = cloud_session.machine(PASS, role=role)
        cloud_session.client("stepfunctions").update_state_machine(
            stateMachineArn=machine, loggingConfiguration={"level": "ALL", "destinations": [destination]}
        )
        ended = cloud_session.run(machine)

        def entries() -> list[dict[str, Any]]:
            found = logs.filter_log_events(logGroupName=group)["events"]
            return [json.loads(event["message"]) for event in found]

        wait_for(lambda: len(entries()) == 4)
        assert [entry["id"] for entry in entries()] == ["1", "2", "3", "4"]
        assert {entry["execution_arn"] for entry in entries()} == {ended["executionArn"]}


@pytest.fixture
def stack(cloud_session: CloudSession) -> Iterator[dict[str, str]]:
    """The outputs of a stack with one resource of each type."""
    machine = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "DefinitionString": json.dumps({"QueryLanguage": "JSONata"} | PASS).replace('"P"', '"${Name}"'),
            "DefinitionSubstitutions": {"Name": "Filled"},
            "RoleArn": cloud_session.role(),
        },
    }
    version = {
        "Type": "AWS::StepFunctions::StateMachineVersion",
        "Properties": {"StateMachineArn": {"Ref": "M"}},
    }
    route = {"StateMachineVersionArn": {"Ref": "V"}, "Weight": 100}
    alias = {
        "Type": "AWS::StepFunctions::StateMachineAlias",
        "Properties": {"Name": "live", "RoutingConfiguration": [route]},
    }
    activity = {"Type": "AWS::StepFunctions::Activity", "Properties": {"Name": _name()}}
    resources = {"M": machine, "V": version, "A": alias, "W": activity}
    outputs = {name: {"Value": {"Ref": name}} for name in resources}
    template = json.dumps({"Resources": resources, "Outputs": outputs})
    name, formation = _name(), cloud_session.client("cloudformation")
    formation.create_stack(StackName=name, TemplateBody=template)
    formation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    found = formation.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    yield {output["OutputKey"]: output["OutputValue"] for output in found}
    formation.delete_stack(StackName=name)
    formation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})


def test_a_template_makes_machines_versions_aliases_and_activities(
    cloud_session: CloudSession, stack: dict[str, str]
) -> None:
    """An execution of the alias runs the version."""
    ended = cloud_session.run(stack["A"])
    assert (ended["status"], ended["stateMachineVersionArn"]) == ("SUCCEEDED", stack["V"])
    states = cloud_session.client("stepfunctions")
    found = states.describe_state_machine(stateMachineArn=stack["M"])
    assert json.loads(found["definition"])["StartAt"] == "Filled"
    assert states.describe_activity(activityArn=stack["W"])["activityArn"] == stack["W"]
