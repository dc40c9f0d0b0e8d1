"""Lambda functions in the embedded cloud: what they can import and see, and what their errors are called."""

import base64
import json
from typing import Any
from uuid import uuid4

import pytest

from tests.embedded.conftest import CloudSession, allow, wait_for, zipped

pytestmark = pytest.mark.embedded


def _invoke(cloud: CloudSession, arn: str, event: Any = None) -> tuple[Any, bool]:
    answer = cloud.client("lambda").invoke(FunctionName=arn, Payload=json.dumps(event or {}))
    return json.loads(answer["Payload"].read()), "FunctionError" in answer


def test_an_exceptions_class_is_its_error_type(cloud_session: CloudSession) -> None:
    """The class name is the contract with ErrorEquals; the trace names the function's own file."""
    function = cloud_session.function(
        "class LostRace(Exception): pass\ndef handler(event, context):\n    raise LostRace('moved on')"
    )
    body, failed = _invoke(cloud_session, function)
    assert failed
    assert (body["errorType"], body["errorMessage"]) == ("LostRace", "moved on")
    assert "code.py" in body["stackTrace"][0]


def test_a_worker_outlives_an_error(cloud_session: CloudSession) -> None:
    """An exception of the handler leaves the execution environment as it was, as on AWS."""
    function = cloud_session.function(
        "import os\ndef handler(event, context):\n    return 1 / 0 if event.get('fail') else os.getpid()"
    )
    before, _ = _invoke(cloud_session, function)
    _invoke(cloud_session, function, {"fail": True})
    assert _invoke(cloud_session, function)[0] == before


@pytest.mark.parametrize("package", ["mlflow", "ministack", "embedded", "pip", "boto3"])
def test_nothing_but_layers_and_code_can_be_imported(cloud_session: CloudSession, package: str) -> None:
    """What only the server has installed must not hide a dependency that a layer lacks."""
    function = cloud_session.function(f"import {package}\ndef handler(event, context): return 1")
    body, failed = _invoke(cloud_session, function)
    assert failed
    assert body["errorType"] == "Runtime.ImportModuleError"
    assert package in body["errorMessage"]


def test_a_layer_can_be_imported(cloud_session: CloudSession) -> None:
    """A layer's `python/` folder is on the path, after the function's own code."""
    layer = cloud_session.client("lambda").publish_layer_version(
        LayerName="greeting", Content={"ZipFile": zipped({"python/greeting.py": "TEXT = 'hello'"})}
    )
    function = cloud_session.function(
        "import greeting\ndef handler(event, context): return greeting.TEXT",
        Layers=[layer["LayerVersionArn"]],
    )
    assert _invoke(cloud_session, function) == ("hello", False)


def test_a_function_sees_only_its_own_environment(cloud_session: CloudSession) -> None:
    """Neither the server's settings nor root's keys reach a function; its role's session does."""
    function = cloud_session.function(
        "import os\ndef handler(event, context): return dict(os.environ)",
        Environment={"Variables": {"STAGE": "test"}},
    )
    seen, _ = _invoke(cloud_session, function)
    assert seen["STAGE"] == "test"
    assert seen["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert not {"AUTH", "STATE_DIR", "MINISTACK_SSL_KEY"} & set(seen)


def test_metrics_in_the_log_become_metrics(cloud_session: CloudSession) -> None:
    """A line in the embedded metric format, printed by a function, is a datapoint in CloudWatch."""
    function = cloud_session.function(
        "import json, time\n"
        "def handler(event, context):\n"
        "    meta = {'Namespace': 'Test', 'Dimensions': [['service']], 'Metrics': [{'Name': 'Rows'}]}\n"
        "    aws = {'Timestamp': int(time.time() * 1000), 'CloudWatchMetrics': [meta]}\n"
        "    print(json.dumps({'_aws': aws, 'service': 's', 'Rows': 7}))\n"
    )
    _invoke(cloud_session, function)
    metrics = cloud_session.client("cloudwatch")
    wait_for(lambda: bool(metrics.list_metrics(Namespace="Test")["Metrics"]))
    assert metrics.list_metrics(Namespace="Test")["Metrics"][0]["MetricName"] == "Rows"


def test_a_function_that_takes_too_much_memory_is_killed(cloud_session: CloudSession) -> None:
    """As AWS's runtime puts it; the next invocation finds a new environment."""
    function = cloud_session.function(
        "import time\ndef handler(event, context):\n"
        "    held = bytearray(event.get('megabytes', 1) * 2**20)\n    time.sleep(0.5)\n    return len(held)",
        MemorySize=128,
    )
    body, failed = _invoke(cloud_session, function, {"megabytes": 200})
    assert failed
    assert body["errorType"] == "Runtime.ExitError"
    assert body["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")
    assert _invoke(cloud_session, function) == (2**20, False)


@pytest.mark.parametrize(
    ("code", "error_type", "message"),
    [
        ("import os\ndef handler(*_): os._exit(3)", "Runtime.ExitError", "exit status 3"),
        ("import os\nos._exit(4)", "Runtime.ExitError", "exit status 4"),
        ("raise ValueError('at once')", "ValueError", "at once"),
        ("def handle(*_): pass", "Runtime.HandlerNotFound", "Handler 'handler' missing"),
        ("def handler(*_): return {1, 2}", "Runtime.MarshalError", "Unable to marshal response"),
        ("def handler(*_): return 'x' * 7_000_000", "Function.ResponseSizeTooLarge", "exceeded maximum"),
    ],
)
def test_an_end_has_the_name_that_aws_gives_it(
    cloud_session: CloudSession, code: str, error_type: str, message: str
) -> None:
    """Of the handler and of what comes before it."""
    body, failed = _invoke(cloud_session, cloud_session.function(code))
    assert failed
    assert body["errorType"] == error_type
    assert message in body["errorMessage"]


def test_a_timeout_has_its_name(cloud_session: CloudSession) -> None:
    """A state machine may catch `Sandbox.Timedout`."""
    function = cloud_session.function("import time\ndef handler(*_): time.sleep(60)")
    client = cloud_session.client("lambda")
    client.update_function_configuration(FunctionName=function, Timeout=1)
    body, failed = _invoke(cloud_session, function)
    assert failed
    assert body["errorType"] == "Sandbox.Timedout"
    assert body["errorMessage"].endswith("Error: Task timed out after 1.00 seconds")


@pytest.mark.parametrize(
    ("kind", "size", "message"),
    [("Event", 1_048_577, "too large for the Event"), ("RequestResponse", 6_291_557, "smaller than 6291556")],
)
def test_a_payload_has_a_limit(cloud_session: CloudSession, kind: str, size: int, message: str) -> None:
    """413, for each way of invoking its own."""
    function, client = cloud_session.function("def handler(*_): pass"), cloud_session.client("lambda")
    with pytest.raises(client.exceptions.ClientError, match=message) as refused:
        client.invoke(FunctionName=function, InvocationType=kind, Payload=b'"' + b"x" * (size - 2) + b'"')
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


def test_an_environment_has_a_limit(cloud_session: CloudSession) -> None:
    """When a function is made, and when it is changed."""
    client = cloud_session.client("lambda")
    large = {"Variables": {"NAME": "x" * 4_096}}
    refused = client.exceptions.InvalidParameterValueException
    with pytest.raises(refused, match="4KB"):
        cloud_session.function("def handler(*_): pass", Environment=large)
    function = cloud_session.function("def handler(*_): pass")
    with pytest.raises(refused, match="4KB"):
        client.update_function_configuration(FunctionName=function, Environment=large)
    with pytest.raises(refused, match="reserved keys"):
        client.update_function_configuration(
            FunctionName=function, Environment={"Variables": {"AWS_REGION": "x"}}
        )


def test_a_template_cannot_pass_the_limits(cloud_session: CloudSession) -> None:
    """CloudFormation asks as the API does."""
    name, formation = f"stack-{uuid4().hex[:12]}", cloud_session.client("cloudformation")
    properties = {
        "Code": {"ZipFile": "def handler(*_): pass"}, "Runtime": "python3.11", "Handler": "index.handler",
        "Role": cloud_session.role(), "Environment": {"Variables": {"NAME": "x" * 4_096}},
    }  # fmt: skip
    template = {"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": properties}}}
    formation.create_stack(StackName=name, TemplateBody=json.dumps(template))

    def status() -> str:
        return str(formation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])

    wait_for(lambda: status() == "ROLLBACK_COMPLETE")


def test_an_environment_writes_one_stream_of_the_log(cloud_session: CloudSession) -> None:
    """Whatever it is called for; the function is told the stream's name."""
    code = "def handler(event, context):\n    print('called')\n    return context.log_stream_name"
    function = cloud_session.function(code)
    names = {_invoke(cloud_session, function)[0] for _ in range(3)}
    logs, group = cloud_session.client("logs"), f"/aws/lambda/{function.rpartition(':')[2]}"
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert {stream["logStreamName"] for stream in streams} == names
    assert len(names) == 1
    events = logs.get_log_events(logGroupName=group, logStreamName=names.pop())["events"]
    assert [event["message"] for event in events].count("called") == 3


def test_a_tail_of_the_log_is_answered(cloud_session: CloudSession) -> None:
    """The platform's lines, and the function's between them."""
    function = cloud_session.function("def handler(*_): print('hello')")
    answer = cloud_session.client("lambda").invoke(FunctionName=function, LogType="Tail")
    lines = base64.b64decode(answer["LogResult"]).decode().splitlines()
    assert lines[0].startswith("START RequestId: ")
    assert lines[1] == "hello"
    assert lines[-1].startswith("REPORT RequestId: ")


def test_a_destination_for_what_succeeded_is_refused(cloud_session: CloudSession) -> None:
    """MiniStack takes it, and sends nothing there."""
    role = cloud_session.role(allow("sqs:SendMessage"))
    client, function = (
        cloud_session.client("lambda"),
        cloud_session.function("def handler(*_): pass", role=role),
    )
    target = {"Destination": "arn:aws:sqs:us-east-1:000000000000:q"}
    with pytest.raises(client.exceptions.InvalidParameterValueException, match="OnSuccess"):
        client.put_function_event_invoke_config(
            FunctionName=function, DestinationConfig={"OnSuccess": target}
        )
