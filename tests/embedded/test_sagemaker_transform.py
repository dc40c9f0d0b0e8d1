"""Batch transform: every object below a prefix is answered by a real container, under the execution role."""

import json
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.embedded.conftest import CloudSession, wait_for
from tests.embedded.hosting import BUCKET, EXECUTION, Hosting, execution_role, prepare

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def stage(cloud_session: CloudSession) -> Hosting:
    """All that a job needs."""
    return prepare(cloud_session)


def put(stage: Hosting, **objects: bytes) -> str:
    """The name of a new folder with these objects, below `in/`."""
    folder = uuid4().hex
    for name, body in objects.items():
        stage.cloud.client("s3").put_object(Bucket=BUCKET, Key=f"in/{folder}/{name}.txt", Body=body)
    return folder


def start(stage: Hosting, folder: str, *, role: str | None = None, **members: Any) -> str:
    """The name of a new job on a folder."""
    name = f"test-{uuid4().hex[:10]}"
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/in/{folder}/"}
    given = {"DataSource": {"S3DataSource": source}, "SplitType": "Line"}
    output = {"S3OutputPath": f"s3://{BUCKET}/out/{folder}", "AssembleWith": "Line"}
    request = {
        "TransformJobName": name,
        "ModelName": stage.model("one", role=role),
        "TransformInput": given,
        "TransformOutput": output,
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }
    stage.sagemaker.create_transform_job(**(request | members))
    return name


def ended(stage: Hosting, name: str) -> dict[str, Any]:
    """The description of a job that has ended."""
    found: dict[str, Any] = {}

    def has_ended() -> bool:
        found.update(stage.sagemaker.describe_transform_job(TransformJobName=name))
        return found["TransformJobStatus"] in ("Completed", "Failed", "Stopped")

    wait_for(has_ended)
    return found


def outputs(stage: Hosting, folder: str) -> dict[str, str]:
    """What was written for a folder, by file name."""
    s3 = stage.cloud.client("s3")
    found = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"out/{folder}/").get("Contents", [])
    keys = [each["Key"] for each in found]
    read = {key: s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode() for key in keys}
    return {key.rpartition("/")[2]: text for key, text in read.items()}


def test_every_object_gets_its_answers_in_order(stage: Hosting) -> None:
    """One `.out` for each; the job tells when it began and ended."""
    folder = put(stage, a=b"echo 1\necho 2\n", b=b"echo 3")
    done = ended(stage, start(stage, folder))
    assert (done["TransformJobStatus"], "FailureReason" in done) == ("Completed", False)
    assert done["TransformStartTime"] <= done["TransformEndTime"]
    assert outputs(stage, folder) == {"a.txt.out": "one echo 1\none echo 2\n", "b.txt.out": "one echo 3\n"}


def test_an_object_that_fails_fails_the_job_and_keeps_the_others(stage: Hosting) -> None:
    """No output for what failed."""
    folder = put(stage, good=b"echo 1", bad=b"fail")
    client = {"InvocationsMaxRetries": 0}
    done = ended(stage, start(stage, folder, ModelClientConfig=client))
    assert done["TransformJobStatus"] == "Failed"
    assert done["FailureReason"].startswith("AlgorithmError: See job logs for more information")
    assert list(outputs(stage, folder)) == ["good.txt.out"]


def test_the_execution_role_reads_and_writes(stage: Hosting) -> None:
    """Without s3:PutObject there is no output, and the reason says so."""
    role = execution_role(stage.cloud, *(each for each in EXECUTION if each["Action"] != "s3:PutObject"))
    done = ended(stage, start(stage, put(stage, a=b"echo 1"), role=role))
    assert done["TransformJobStatus"] == "Failed"
    assert "AccessDenied" in done["FailureReason"]


def test_a_job_can_be_stopped(stage: Hosting) -> None:
    """It ends as Stopped, without outputs of what it had not finished."""
    folder = put(stage, a=b"echo 1\n" * 200)
    name = start(stage, folder, BatchStrategy="SingleRecord", Environment={"PATIENCE": "0.2"})
    stage.sagemaker.stop_transform_job(TransformJobName=name)
    assert ended(stage, name)["TransformJobStatus"] == "Stopped"
    assert outputs(stage, folder) == {}
    with pytest.raises(ClientError, match="in status Stopped"):
        stage.sagemaker.stop_transform_job(TransformJobName=name)


def test_names_are_taken_once_and_jobs_are_listed(stage: Hosting) -> None:
    """ResourceInUse; ResourceNotFound for what is not there."""
    folder = put(stage, a=b"echo 1")
    name = start(stage, folder)
    with pytest.raises(stage.sagemaker.exceptions.ResourceInUse):
        start(stage, folder, TransformJobName=name)
    ended(stage, name)
    listed = stage.cloud.client("sagemaker").list_transform_jobs(NameContains=name)["TransformJobSummaries"]
    assert [(each["TransformJobName"], each["TransformJobStatus"]) for each in listed] == [
        (name, "Completed")
    ]
    with pytest.raises(stage.sagemaker.exceptions.ResourceNotFound):
        stage.sagemaker.describe_transform_job(TransformJobName="test-none")


def test_what_is_not_done_is_refused_by_name(stage: Hosting) -> None:
    """Filters, other formats, capture."""
    for members, words in (
        ({"DataProcessing": {"InputFilter": "$.a"}}, "InputFilter not implemented"),
        ({"DataCaptureConfig": {"DestinationS3Uri": "s3://a/b"}}, "DataCaptureConfig not implemented"),
        ({"MaxPayloadInMB": 0}, "chunked encoding"),
    ):
        with pytest.raises(ClientError, match=words):
            start(stage, "none", **members)


def test_a_state_machine_waits_for_its_job(stage: Hosting) -> None:
    """`createTransformJob.sync` under the machine's role; the result is the job's description."""
    folder = put(stage, a=b"echo 1")
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/in/{folder}/"}
    arguments = {
        "TransformJobName": f"test-{uuid4().hex[:10]}",
        "ModelName": stage.model("one"),
        "TransformInput": {"DataSource": {"S3DataSource": source}},
        "TransformOutput": {"S3OutputPath": f"s3://{BUCKET}/out/{folder}"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createTransformJob.sync",
        "Arguments": arguments,
        "End": True,
    }
    role = stage.cloud.role(
        *(
            {"Effect": "Allow", "Action": f"sagemaker:{name}TransformJob", "Resource": "*"}
            for name in ("Create", "Describe", "Stop")
        ),
        {"Effect": "Allow", "Action": "events:*", "Resource": "*"},
    )
    machine = stage.cloud.machine({"StartAt": "Transform", "States": {"Transform": state}}, role=role)
    done = stage.cloud.run(machine)
    assert done["status"] == "SUCCEEDED", done
    assert json.loads(done["output"])["TransformJobStatus"] == "Completed"
