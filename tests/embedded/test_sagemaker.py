"""Endpoints of the embedded SageMaker: real processes behind the real API, under IAM."""

import io
import json
import tarfile
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.embedded.conftest import CloudSession, allow, wait_for
from tests.embedded.hosting import BUCKET, EXECUTION, HOSTING, LOGS, Hosting, execution_role, prepare
from tests.embedded.hosting_load import Load

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def hosting(cloud_session: CloudSession) -> Hosting:
    """All that an endpoint needs."""
    return prepare(cloud_session)


def test_an_endpoint_serves_its_model_and_logs_under_the_execution_role(hosting: Hosting) -> None:
    """The container finds the model data and the model's environment; its lines reach CloudWatch Logs."""
    name = hosting.endpoint(hosting.config("one", Environment={"COLOUR": "blue"}))
    assert hosting.answer(name) == "one"
    assert hosting.answer(name, b"environment") == "blue"
    wait_for(lambda: "loaded one" in hosting.logged(name))
    assert hosting.cloud.calls_of(hosting.role, action="logs:PutLogEvents")[-1].allowed


def test_an_archive_is_extracted(hosting: Hosting) -> None:
    """`ModelDataUrl` is a model.tar.gz."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        entry = tarfile.TarInfo("weights.txt")
        entry.size = 6
        tar.addfile(entry, io.BytesIO(b"packed"))
    hosting.cloud.client("s3").put_object(Bucket=BUCKET, Key="packed/model.tar.gz", Body=buffer.getvalue())
    archive = {"ModelDataUrl": f"s3://{BUCKET}/packed/model.tar.gz", "ModelDataSource": None}
    assert hosting.answer(hosting.endpoint(hosting.config("packed", **archive))) == "packed"


def test_an_update_and_a_failed_update_lose_no_request(hosting: Hosting) -> None:
    """The old fleet serves until the new one is healthy, and goes on when the new one never is."""
    name, first = hosting.endpoint(hosting.config("one")), hosting.config("broken")
    with Load(hosting, name) as seen:
        hosting.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=first)
        failed = hosting.settled(name)
        hosting.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=hosting.config("two"))
        hosting.settled(name)
        wait_for(lambda: seen["two"] > 10)
    assert failed["EndpointStatus"] == "InService"
    assert failed["FailureReason"].endswith("Please check CloudWatch logs for this endpoint.")
    assert set(seen) == {"one", "two"}


def test_a_model_that_does_not_load_fails_the_endpoint(hosting: Hosting) -> None:
    """The reason points to the logs, and the logs say why."""
    name = f"test-{uuid4().hex[:10]}"
    hosting.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=hosting.config("broken"))
    failed = hosting.settled(name)
    assert failed["EndpointStatus"] == "Failed"
    assert failed["FailureReason"].startswith("The primary container for production variant broken did not")
    assert "cannot load the model" in hosting.logged(name)


@pytest.mark.parametrize(
    ("missing", "words"),
    [("ecr:BatchGetImage", "Please make sure all images"), ("s3:GetObject", "Failed to download model data")],
)
def test_an_execution_role_without_a_permission_fails_the_endpoint(
    hosting: Hosting, missing: str, words: str
) -> None:
    """Image and model data are fetched under the execution role."""
    role = execution_role(hosting.cloud, *(each for each in EXECUTION if each["Action"] != missing))
    name = f"test-{uuid4().hex[:10]}"
    config = hosting.config("one", role=role)
    hosting.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
    assert words in hosting.settled(name)["FailureReason"]


def test_only_a_role_that_trusts_sagemaker_is_taken(hosting: Hosting) -> None:
    """CreateModel says what the role lacks."""
    with pytest.raises(ClientError, match=r"trust relationship policy allows the action \"sts:AssumeRole\""):
        hosting.config("one", role=execution_role(hosting.cloud, *EXECUTION, service="lambda.amazonaws.com"))


def test_a_caller_that_may_not_pass_the_role_is_refused(hosting: Hosting) -> None:
    """CreateModel hands the execution role to SageMaker: that takes iam:PassRole."""
    keys = hosting.cloud.assume(hosting.cloud.role(allow("sagemaker:CreateModel")))
    with pytest.raises(ClientError, match="iam:PassRole on resource"):
        hosting.cloud.client("sagemaker", keys).create_model(
            ModelName="x", ExecutionRoleArn=hosting.role, PrimaryContainer={"Image": hosting.image}
        )


def test_iam_is_asked_about_the_endpoint_that_a_request_names(hosting: Hosting) -> None:
    """A role for endpoints `test-…` can neither see nor invoke another."""
    with pytest.raises(ClientError, match="AccessDenied"):
        hosting.sagemaker.describe_endpoint(EndpointName="other")
    with pytest.raises(ClientError, match="AccessDenied"):
        hosting.runtime.invoke_endpoint(EndpointName="other", Body=b"x")


def test_an_action_in_a_requests_body_is_data(hosting: Hosting) -> None:
    """What a form says about an `Action` does not change what IAM is asked about."""
    keys = hosting.cloud.assume(hosting.cloud.role(allow("sagemaker:ListEndpoints")))
    with pytest.raises(ClientError, match="sagemaker:InvokeEndpoint"):
        hosting.cloud.client("sagemaker-runtime", keys).invoke_endpoint(
            EndpointName="test-x",
            ContentType="application/x-www-form-urlencoded",
            Body=b"Action=ListEndpoints",
        )


def test_an_error_of_the_model_carries_its_status_and_message(hosting: Hosting) -> None:
    """ModelError says what the container answered, and where its log is."""
    name = hosting.endpoint(hosting.config("one"))
    with pytest.raises(hosting.runtime.exceptions.ModelError) as caught:
        hosting.answer(name, b"fail")
    answer = caught.value.response
    assert (answer["OriginalStatusCode"], answer["OriginalMessage"]) == (500, "the model failed")
    assert answer["LogStreamArn"] == f"{LOGS}log-group:/aws/sagemaker/Endpoints/{name}"
    assert 'Received server error (500) from primary with message "the model failed".' in str(caught.value)


def test_a_variant_can_be_named_and_weights_can_be_changed(hosting: Hosting) -> None:
    """TargetVariant overrides weights; changed weights move all traffic to one variant."""
    name = hosting.endpoint(hosting.config("one", "two"))
    assert {hosting.answer(name, TargetVariant=each) for each in ("one", "two")} == {"one", "two"}
    hosting.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=name,
        DesiredWeightsAndCapacities=[
            {"VariantName": "one", "DesiredWeight": 0.0},
            {"VariantName": "two", "DesiredInstanceCount": 2},
        ],
    )
    hosting.settled(name)
    described = hosting.sagemaker.describe_endpoint(EndpointName=name)["ProductionVariants"]
    assert {hosting.answer(name) for _ in range(10)} == {"two"}
    assert [each["CurrentInstanceCount"] for each in described] == [1, 2]


def test_a_container_that_crashes_is_replaced(hosting: Hosting) -> None:
    """SageMaker replaces what is unhealthy, and the endpoint stays in service."""
    name = hosting.endpoint(hosting.config("one"))
    with pytest.raises(hosting.runtime.exceptions.ModelError):
        hosting.answer(name, b"crash")
    wait_for(lambda: answers(hosting, name))
    assert hosting.settled(name)["EndpointStatus"] == "InService"


def answers(hosting: Hosting, name: str) -> bool:
    """Whether somebody answers."""
    try:
        return hosting.answer(name) == "one"
    except ClientError:
        return False


def test_an_endpoint_that_is_changing_takes_no_other_change(hosting: Hosting) -> None:
    """Update and delete are refused until it has settled; then it can be deleted."""
    name, second = hosting.endpoint(hosting.config("one")), hosting.config("two")
    hosting.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=second)
    for refused in (
        lambda: hosting.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=second),
        lambda: hosting.sagemaker.delete_endpoint(EndpointName=name),
    ):
        with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
            refused()
    hosting.settled(name)
    hosting.sagemaker.delete_endpoint(EndpointName=name)
    wait_for(lambda: gone(hosting, name))


def gone(hosting: Hosting, name: str) -> bool:
    """Whether there is no such endpoint any more."""
    try:
        hosting.sagemaker.describe_endpoint(EndpointName=name)
    except ClientError as error:
        return f'Could not find endpoint "{HOSTING}endpoint/{name}".' in str(error)
    return False


def test_invocations_are_counted_in_cloudwatch(hosting: Hosting) -> None:
    """Sums and latencies stand under AWS/SageMaker, by endpoint and variant."""
    name = hosting.endpoint(hosting.config("one"))
    for _ in range(3):
        hosting.answer(name)
    with pytest.raises(ClientError):
        hosting.answer(name, b"fail")
    wait_for(lambda: bool(statistics(hosting, name, "Invocations")))
    assert statistics(hosting, name, "Invocations")["Sum"] == 4
    assert statistics(hosting, name, "Invocation5XXErrors")["Sum"] == 1
    assert 0 < statistics(hosting, name, "ModelLatency")["Average"] < 1_000_000


def statistics(hosting: Hosting, name: str, metric: str) -> dict[str, float]:
    """The metric of the last minutes, or nothing."""
    now = datetime.now(UTC)
    found = hosting.cloud.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName=metric,
        Dimensions=[{"Name": "EndpointName", "Value": name}, {"Name": "VariantName", "Value": "one"}],
        StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=10),
        Period=1200,
        Statistics=["Sum", "Average"],
    )["Datapoints"]
    return dict(found[0]) if found else {}


def test_a_change_of_state_is_an_event(hosting: Hosting) -> None:
    """`SageMaker Endpoint State Change` reaches a rule on the default bus."""
    sqs, events = hosting.cloud.client("sqs"), hosting.cloud.client("events")
    url = sqs.create_queue(QueueName=f"states-{uuid4().hex[:8]}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    send = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [send]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    pattern = {"source": ["aws.sagemaker"], "detail-type": ["SageMaker Endpoint State Change"]}
    events.put_rule(Name="states", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="states", Targets=[{"Id": "queue", "Arn": arn}])
    name, seen = hosting.endpoint(hosting.config("one")), list[str]()

    def in_service() -> bool:
        received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        details = [json.loads(each["Body"])["detail"] for each in received]
        seen.extend(each["EndpointStatus"] for each in details if each["EndpointName"] == name)
        return "IN_SERVICE" in seen

    wait_for(in_service)
    assert seen == ["CREATING", "IN_SERVICE"]


@pytest.mark.parametrize(
    ("operation", "params", "words"),
    [
        (
            "create_endpoint_config",
            {"VpcConfig": {"SecurityGroupIds": ["sg"], "Subnets": ["s"]}},
            "VpcConfig",
        ),
        ("create_endpoint_config", {"MetricsConfig": {"EnableEnhancedMetrics": True}}, "MetricsConfig"),
        ("create_training_job", {}, "CreateTrainingJob is not implemented"),
        ("create_processing_job", {}, "CreateProcessingJob is not implemented"),
        ("create_inference_component", {}, "CreateInferenceComponent is not implemented"),
    ],
)
def test_what_is_not_implemented_is_refused_by_name(
    hosting: Hosting, operation: str, params: dict[str, object], words: str
) -> None:
    """Nothing is accepted that would silently have no effect."""
    variants = [{"VariantName": "one", "ModelName": "test-x"}]
    config = {"EndpointConfigName": "test-x", "ProductionVariants": variants} | params
    members = config if operation == "create_endpoint_config" else MINIMAL[operation]
    with pytest.raises(ClientError, match=words):
        getattr(hosting.cloud.client("sagemaker"), operation)(**members)


ROLE = "arn:aws:iam::000000000000:role/some-role"
RESOURCES = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
MINIMAL: dict[str, dict[str, object]] = {
    "create_training_job": {
        "TrainingJobName": "x",
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": "s3://a/b"},
        "ResourceConfig": RESOURCES,
        "StoppingCondition": {"MaxRuntimeInSeconds": 1},
        "AlgorithmSpecification": {"TrainingInputMode": "File"},
    },
    "create_processing_job": {
        "ProcessingJobName": "x",
        "RoleArn": ROLE,
        "ProcessingResources": {"ClusterConfig": RESOURCES},
        "AppSpecification": {"ImageUri": "x"},
    },
    "create_inference_component": {"InferenceComponentName": "x", "EndpointName": "x"},
}
