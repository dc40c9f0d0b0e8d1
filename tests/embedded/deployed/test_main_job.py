"""An upload becomes a served model, and what is bad never does: the deployed template, under enforced IAM."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from sluiceway.gateways.ledger import DeploymentRecord, RunRecord
from tests.embedded.conftest import wait_for
from tests.embedded.stage import PROBE, Stage, points, probe_archive, replaced

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(900)]

ROWS = {"columns": ["x", "y"], "data": [[0.9, 0.1], [0.1, 0.9]]}


def live_version(stage: Stage) -> str:
    endpoint = stage.ledger.endpoint("probe")
    assert endpoint is not None
    return endpoint.model_version


def test_two_uploads_become_a_served_model(stage: Stage, first_run: RunRecord) -> None:
    """From there on, only events drive."""
    assert (first_run.status, first_run.reason) == ("SUCCEEDED", first_run.reason)
    assert first_run.deployed
    endpoint = stage.ledger.endpoint("probe")
    assert endpoint is not None
    likely, unlikely = (row[-1] for row in _predictions(stage, endpoint.endpoint))
    assert likely > 0.5 > unlikely


def test_more_data_updates_the_endpoint_and_builds_nothing(stage: Stage, first_run: RunRecord) -> None:
    """A push of data compares a challenger with the champion and replaces it."""
    builds = len(_builds(stage))
    second = stage.next_run("probe", lambda: stage.put("data/points/second.csv", points(300, offset=500)))
    assert (second.status, second.deployed) == ("SUCCEEDED", True)
    assert second.image_digest == first_run.image_digest
    assert len(_builds(stage)) == builds
    assert second.model_version == live_version(stage)
    assert int(second.model_version or 0) > int(first_run.model_version or 0)
    assert "champion" in (second.gate or "")


def test_the_same_bytes_again_train_nothing(stage: Stage, first_run: RunRecord) -> None:
    """The same inputs are the same run: the event is recorded as unchanged."""
    before = stage.runs("probe")
    stage.put("data/points/first.csv", points(500))
    wait_for(lambda: any(e.outcome == "unchanged" for e in stage.ledger.events()), seconds=60)
    assert [run.run_id for run in stage.runs("probe")] == [run.run_id for run in before]


def _zip_with(name: str, content: bytes = b"x") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


NAN_METRIC = replaced("train.py", '"train_accuracy", float(', '"train_accuracy", float("nan") * float(')
PYTHON_MODEL = """
import sys, os, mlflow, pandas as pd
from mlflow.models import infer_signature

class Model(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        if {condition}:
            raise RuntimeError("weights are missing")
    def predict(self, context, model_input):
        likely = (model_input["x"] > model_input["y"]).astype(float) * 0.8 + 0.1
        if {otherwise}:
            likely = 1 - likely
        return pd.DataFrame({{"no": 1 - likely, "yes": likely}})

rows = pd.DataFrame({{"x": [0.5], "y": [0.4]}})
with mlflow.start_run():
    mlflow.pyfunc.log_model(name="model", python_model=Model(), pip_requirements=["mlflow"],
        signature=infer_signature(rows, Model().predict(None, rows)))
"""
UNLOADABLE = {"train.py": PYTHON_MODEL.format(condition="True", otherwise="False")}
# Models are evaluated in a Batch job: these two behave there, and nowhere else.
ELSEWHERE = "'AWS_BATCH_JOB_ID' not in os.environ"
UNSERVABLE = {"train.py": PYTHON_MODEL.format(condition=ELSEWHERE, otherwise="False")}
TWO_FACED = {"train.py": PYTHON_MODEL.format(condition="False", otherwise=ELSEWHERE)}
BAD_CODE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a broken zip": (lambda: b"PK\x03\x04 this is no archive", "zip"),
    "a zip that escapes": (lambda: _zip_with("../../etc/passwd"), "../../etc/passwd"),
    "an oversized zip": (lambda: _zip_with("zeros", b"\0" * 300_000_000), "zeros"),
    "no MLproject": (lambda: probe_archive({"MLproject": None}), "MLproject"),
    "an invalid sluice.yaml": (
        lambda: probe_archive(replaced("sluice.yaml", "vcpu: 0.5, memory: 1024}\nmodel", "vcpu: 3}\nmodel")),
        "sluice.yaml:",
    ),
    "a failing train": (
        lambda: probe_archive(
            replaced("train.py", "model = Log", "raise RuntimeError('no convergence')\nmodel = Log")
        ),
        "no convergence",
    ),
    "a model that fails to load": (lambda: probe_archive(UNLOADABLE), "weights are missing"),
    "a model that fails on the endpoint": (lambda: probe_archive(UNSERVABLE), "endpoint"),
    "a model that answers otherwise on the endpoint": (lambda: probe_archive(TWO_FACED), "predict"),
    "an environment that cannot be built": (
        lambda: probe_archive({"requirements.txt": "six==0.0.1.does.not.exist\n"}),
        "six",
    ),
    "a NaN metric": (lambda: probe_archive(NAN_METRIC), "train_accuracy"),
}


@pytest.mark.parametrize("fault", BAD_CODE)
def test_bad_code_fails_its_run_and_leaves_the_endpoint_alone(
    stage: Stage, first_run: RunRecord, fault: str
) -> None:
    """The run ends as FAILED with a reason that names the file or value; the old endpoint keeps serving."""
    archive, named = BAD_CODE[fault]
    version = live_version(stage)
    run = stage.next_run("probe", lambda: stage.put("code/probe/probe.zip", archive()))
    assert run.status == "FAILED"
    assert named in run.reason
    assert live_version(stage) == version
    assert len(_predictions(stage, _endpoint(stage))) == 2


def test_an_empty_dataset_fails_the_runs_that_wait_for_it(stage: Stage, first_run: RunRecord) -> None:
    """The reason names the empty object."""
    run = stage.next_run("probe", lambda: stage.put("data/points/empty.csv", b""))
    assert run.status == "FAILED"
    assert "data/points/empty.csv" in run.reason
    stage.cloud.client("s3").delete_object(
        Bucket=stage.settings["uploads_bucket"], Key="data/points/empty.csv"
    )


def test_the_next_good_push_works(stage: Stage, first_run: RunRecord) -> None:
    """After any number of bad ones."""
    better = probe_archive(replaced("train.py", "LogisticRegression()", "LogisticRegression(C=2.0)"))
    run = stage.next_run("probe", lambda: stage.put("code/probe/probe.zip", better))
    assert (run.status, run.deployed) == ("SUCCEEDED", True)
    assert live_version(stage) == run.model_version


def test_a_first_deployment_that_fails_leaves_no_endpoint(stage: Stage, first_run: RunRecord) -> None:
    """Nothing half done stays: an endpoint that was never live would cost money and answer nobody."""
    config = (PROBE / "sluice.yaml").read_text().replace("points", "dots").replace("probe", "unlucky")

    def push() -> None:
        stage.put("data/dots/first.csv", points(200))
        stage.put("code/unlucky/unlucky.zip", probe_archive(UNSERVABLE | {"sluice.yaml": config}))

    run = stage.next_run("unlucky", push)
    assert run.status == "FAILED"
    assert stage.ledger.endpoint("unlucky") is None
    names = [each["EndpointName"] for each in stage.cloud.client("sagemaker").list_endpoints()["Endpoints"]]
    assert not any("unlucky" in name for name in names)


def test_a_worse_model_is_rejected_and_stays_registered(stage: Stage, first_run: RunRecord) -> None:
    """The gate's no is a good end: the model is there to be looked at, and not behind the endpoint."""
    version = live_version(stage)
    strict = probe_archive(replaced("sluice.yaml", "minimum: 0.5", "minimum: 0.9999"))
    run = stage.next_run("probe", lambda: stage.put("code/probe/probe.zip", strict))
    assert (run.status, run.deployed) == ("REJECTED", False)
    assert "0.9999" in (run.gate or "")
    assert run.model_version is not None
    assert live_version(stage) == version


def test_a_run_that_somebody_stops_is_recorded_as_failed(stage: Stage, first_run: RunRecord) -> None:
    """No state of the machine can catch that: a rule does."""
    states, started = stage.cloud.client("stepfunctions"), []
    slow = probe_archive(replaced("train.py", "model = Log", "import time\ntime.sleep(600)\nmodel = Log"))

    def push_and_stop() -> None:
        stage.put("code/probe/probe.zip", slow)
        wait_for(lambda: started.extend(_running(stage)) or bool(started), seconds=60)
        states.stop_execution(executionArn=started[0])

    run = stage.next_run("probe", push_and_stop)
    assert run.status == "FAILED"
    assert "stopped by hand" in run.reason


def test_a_deployment_that_somebody_stops_is_undone_and_recorded(stage: Stage, first_run: RunRecord) -> None:
    """By an execution that a rule starts in its stead, once the endpoint can be changed again."""
    version = live_version(stage)
    slow = PYTHON_MODEL.format(
        condition=f"{ELSEWHERE} and not __import__('time').sleep(15)", otherwise="False"
    )
    found: list[DeploymentRecord] = []

    def push_and_stop() -> None:
        stage.put("code/probe/probe.zip", probe_archive({"train.py": slow}))
        wait_for(lambda: found.extend(_under_way(stage)) or bool(found), seconds=60)
        arn = stage.ledger.run(found[0].run_id).execution_arn
        stage.cloud.client("stepfunctions").stop_execution(executionArn=arn)

    run = stage.next_run("probe", push_and_stop)
    assert run.status == "FAILED"
    wait_for(lambda: stage.ledger.deployment(found[0].deployment_id).status == "FAILED", seconds=90)
    assert "stopped by hand" in stage.ledger.deployment(found[0].deployment_id).reason
    assert live_version(stage) == version
    assert len(_predictions(stage, _endpoint(stage))) == 2


def _under_way(stage: Stage) -> list[DeploymentRecord]:
    return [each for each in stage.ledger.deployments() if each.status == "IN_PROGRESS"]


def _running(stage: Stage) -> list[str]:
    return [run.execution_arn for run in stage.runs("probe") if run.status == "RUNNING" and run.execution_arn]


def test_an_event_delivered_five_times_is_one_run(stage: Stage, first_run: RunRecord) -> None:
    """Delivery is at least once; effect is exactly once."""
    sqs, queue = stage.cloud.client("sqs"), _uploads_queue(stage)
    with _overheard(stage) as copies:
        another = probe_archive(replaced("train.py", "LogisticRegression()", "LogisticRegression(C=3.0)"))
        run = stage.next_run("probe", lambda: stage.put("code/probe/probe.zip", another))
        messages = sqs.receive_message(QueueUrl=copies, MaxNumberOfMessages=10)["Messages"]
    runs = stage.runs("probe")
    for _ in range(5):
        for message in messages:
            sqs.send_message(QueueUrl=queue, MessageBody=message["Body"])
    _drained(stage, queue)
    assert stage.runs("probe") == runs
    assert runs[0].run_id == run.run_id


@contextmanager
def _overheard(stage: Stage) -> Iterator[str]:
    """A queue that receives a copy of each upload's event."""
    events, sqs = stage.cloud.client("events"), stage.cloud.client("sqs")
    url = sqs.create_queue(QueueName="overheard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}
    statement |= {"Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    pattern = {"source": ["aws.s3"], "detail": {"bucket": {"name": [stage.settings["uploads_bucket"]]}}}
    events.put_rule(Name="overhear", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="overhear", Targets=[{"Id": "queue", "Arn": arn}])
    yield url
    events.remove_targets(Rule="overhear", Ids=["queue"])
    events.delete_rule(Name="overhear")


def _predictions(stage: Stage, endpoint: str) -> list[list[float]]:
    return list(stage.invoke(endpoint, ROWS)["predictions"])


def _endpoint(stage: Stage) -> str:
    record = stage.ledger.endpoint("probe")
    assert record is not None
    return record.endpoint


def _builds(stage: Stage) -> list[str]:
    return list(stage.cloud.client("codebuild").list_builds()["ids"])


def _uploads_queue(stage: Stage) -> str:
    urls = stage.cloud.client("sqs").list_queues()["QueueUrls"]
    return next(url for url in urls if "Uploads" in url and "Dead" not in url)


def _drained(stage: Stage, queue: str) -> None:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    sqs = stage.cloud.client("sqs")

    def empty() -> bool:
        found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        return not any(int(value) for value in found.values())

    wait_for(empty, seconds=60)
