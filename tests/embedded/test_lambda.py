"""Lambda functions in the embedded cloud: what they can import and see, and what their errors are called."""

import json
from typing import Any

import pytest

from tests.embedded.conftest import CloudSession, wait_for, zipped

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
