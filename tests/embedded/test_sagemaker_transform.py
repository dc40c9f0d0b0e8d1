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
def hosting(cloud_session: CloudSession) -> Hosting:
    """All that a job needs."""
    return prepare(cloud_session)


def put(hosting: Hosting, **objects: bytes) -> str:
    """The name of a new folder with these objects, below `in/`."""
    folder = uuid4().hex
    for name, body in objects.items():
        hosting.cloud.client("s3").put_object(Bucket=BUCKET, Key=f"in/{folder}/{name}.txt", Body=body)
    return folder


def start(hosting: Hosting, folder: str, *, role: str | None = None, **members: Any) -> str:
    """The name of a new job on a folder."""
    name = f"test-{uuid4().hex[:10]}"
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/in/{folder}/"}
    given = {"DataSource": {"S3DataSource": source}, "SplitType": "Line"}
    output = {"S3OutputPath": f"s3://{BUCKET}/out/{folder}", "AssembleWith": "Line"}
    request = {
        "TransformJobName": name,
        "ModelName": hosting.model("one", role=role),
        "TransformInput": given,
        "TransformOutput": output,
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }
    hosting.sagemaker.create_transform_job(**(request | members))
    return name


def ended(hosting: Hosting, name: str) -> dict[str, Any]:
    """The description of a job that has ended."""
    found: dict[str, Any] = {}

    def has_ended() -> bool:
        found.update(hosting.sagemaker.describe_transform_job(TransformJobName=name))
        return found["TransformJobStatus"] in ("Completed", "Failed", "Stopped")

    wait_for(has_ended)
    return found


def outputs(hosting: Hosting, folder: str) -> dict[str, str]:
    """What was written for a folder, by file name."""
    s3 = hosting.cloud.client("s3")
    found = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"out/{folder}/").get("Contents", [])
    keys = [each["Key"] for each in found]
    read = {key: s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode() for key in keys}
    return {key.rpartition("/")[2]: text for key, text in read.items()}


def test_every_object_gets_its_answers_in_order(hosting: Hosting) -> None:
    """One `.out` for each; the job tells when it began and ended."""
    folder = put(hosting, a=b"echo 1\necho 2\n", b=b"echo 3")
    done = ended(hosting, start(hosting, folder))
    assert (done["TransformJobStatus"], "FailureReason" in done) == ("Completed", False)
    assert done["TransformStartTime"] <= done["TransformEndTime"]
    assert outputs(hosting, folder) == {"a.txt.out": "one echo 1\none echo 2\n", "b.txt.out": "one echo 3\n"}


def test_an_object_that_fails_fails_the_job_and_keeps_the_others(hosting: Hosting) -> None:
    """No output for what failed."""
    folder = put(hosting, good=b"echo 1", bad=b"fail")
    client = {"InvocationsMaxRetries": 0}
    done = ended(hosting, start(hosting, folder, ModelClientConfig=client))
    assert done["TransformJobStatus"] == "Failed"
    assert done["FailureReason"].startswith("AlgorithmError: See job logs for more information")
    assert list(outputs(hosting, folder)) == ["good.txt.out"]


def test_the_execution_role_reads_and_writes(hosting: Hosting) -> None:
    """Without s3:PutObject there is no output, and the reason says so."""
    role = execution_role(hosting.cloud, *(each for each in EXECUTION if each["Action"] != "s3:PutObject"))
    done = ended(hosting, start(hosting, put(hosting, a=b"echo 1"), role=role))
    assert done["TransformJobStatus"] == "Failed"
    assert "AccessDenied" in done["FailureReason"]


def test_a_job_can_be_stopped(hosting: Hosting) -> None:
    """It ends as Stopped, without outputs of what it had not finished."""
    folder = put(hosting, a=b"echo 1\n" * 200)
    name = start(hosting, folder, BatchStrategy="SingleRecord", Environment={"PATIENCE": "0.2"})
    hosting.sagemaker.stop_transform_job(TransformJobName=name)
    assert ended(hosting, name)["TransformJobStatus"] == "Stopped"
    assert outputs(hosting, folder) == {}
    with pytest.raises(ClientError, match="in status Stopped"):
        hosting.sagemaker.stop_transform_job(TransformJobName=name)


def test_names_are_taken_once_and_jobs_are_listed(hosting: Hosting) -> None:
    """ResourceInUse; ResourceNotFound for what is not there."""
    folder = put(hosting, a=b"echo 1")
    name = start(hosting, folder)
    with pytest.raises(hosting.sagemaker.exceptions.ResourceInUse):
        start(hosting, folder, TransformJobName=name)
    ended(hosting, name)
    listed = hosting.cloud.client("sagemaker").list_transform_jobs(NameContains=name)["TransformJobSummaries"]
    assert [(each["TransformJobName"], each["TransformJobStatus"]) for each in listed] == [
        (name, "Completed")
    ]
    with pytest.raises(hosting.sagemaker.exceptions.ResourceNotFound):
        hosting.sagemaker.describe_transform_job(TransformJobName="test-none")


def test_what_is_not_done_is_refused_by_name(hosting: Hosting) -> None:
    """Filters, other formats, capture."""
    for members, words in (
        ({"DataProcessing": {"InputFilter": "$.a"}}, "InputFilter not implemented"),
        ({"DataCaptureConfig": {"DestinationS3Uri": "s3://a/b"}}, "DataCaptureConfig not implemented"),
        ({"MaxPayloadInMB": 0}, "chunked encoding"),
    ):
        with pytest.raises(ClientError, match=words):
            start(hosting, "none", **members)


def test_a_state_machine_waits_for_its_job(hosting: Hosting) -> None:
    """`createTransformJob.sync` under the machine's role; the result is the job's description."""
    folder = put(hosting, a=b"echo 1")
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/in/{folder}/"}
    arguments = {
        "TransformJobName": f"test-{uuid4().hex[:10]}",
        "ModelName": hosting.model("one"),
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
    role = hosting.cloud.role(
        *(
            {"Effect": "Allow", "Action": f"sagemaker:{name}TransformJob", "Resource": "*"}
            for name in ("Create", "Describe", "Stop")
        ),
        {"Effect": "Allow", "Action": "events:*", "Resource": "*"},
    )
    machine = hosting.cloud.machine({"StartAt": "Transform", "States": {"Transform": state}}, role=role)
    done = hosting.cloud.run(machine)
    assert done["status"] == "SUCCEEDED", done
    assert json.loads(done["output"])["TransformJobStatus"] == "Completed"
