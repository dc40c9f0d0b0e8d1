"""The managed MLflow app stands for the tracking server that runs beside the cloud."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError

from tests.embedded.conftest import CloudSession, allow, wait_for
from tests.embedded.hosting import execution_role

pytestmark = pytest.mark.embedded

BUCKET = "mlflow-app-test"


@pytest.fixture(scope="module")
def role(cloud_session: CloudSession) -> str:
    """A role that reaches the artifact store."""
    cloud_session.client("s3").create_bucket(Bucket=BUCKET)
    return execution_role(cloud_session, allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}"))


@pytest.fixture
def client(cloud_session: CloudSession) -> Iterator[Any]:
    """A client; whatever app there is afterwards is deleted."""
    sagemaker = cloud_session.client("sagemaker")
    yield sagemaker
    for each in sagemaker.list_mlflow_apps()["Summaries"]:
        sagemaker.delete_mlflow_app(Arn=each["Arn"])


def create(client: Any, role: str, **members: Any) -> str:
    given = {"Name": "tracking", "ArtifactStoreUri": f"s3://{BUCKET}/mlflow", "RoleArn": role}
    return str(client.create_mlflow_app(**(given | members))["Arn"])


def settled(client: Any, arn: str) -> dict[str, Any]:
    """The app, once it is neither being created nor changed."""
    found: dict[str, Any] = {}

    def is_settled() -> bool:
        found.update(client.describe_mlflow_app(Arn=arn))
        return not found["Status"].endswith("ing")

    wait_for(is_settled, seconds=90)
    return found


def test_an_app_is_the_running_tracking_server(client: Any, role: str) -> None:
    """Created, changed, listed, and opened by its address."""
    arn = create(client, role)
    assert settled(client, arn)["Status"] == "Created"
    url = client.create_presigned_mlflow_app_url(Arn=arn)["AuthorizedUrl"]
    assert urllib3.request("GET", f"{url}/version").status == 200
    client.update_mlflow_app(Arn=arn, Name="other")
    assert settled(client, arn)["Status"] == "Updated"
    assert [each["Name"] for each in client.list_mlflow_apps()["Summaries"]] == ["other"]


def test_there_is_one_app(client: Any, role: str) -> None:
    """As there is one tracking server; what it would have to do besides is refused by name."""
    create(client, role)
    with pytest.raises(client.exceptions.ResourceLimitExceeded, match="one MLflow app"):
        create(client, role)
    with pytest.raises(ClientError, match="AutoModelRegistrationEnabled not implemented"):
        create(client, role, ModelRegistrationMode="AutoModelRegistrationEnabled")


def test_a_role_that_does_not_reach_the_store_makes_no_app(client: Any, cloud_session: CloudSession) -> None:
    """CreateFailed."""
    arn = create(client, execution_role(cloud_session))
    assert settled(client, arn)["Status"] == "CreateFailed"


def test_a_template_makes_an_app(client: Any, cloud_session: CloudSession, role: str) -> None:
    """`Ref` and `Arn` are its ARN."""
    properties = {"Name": "tracking", "ArtifactStoreUri": f"s3://{BUCKET}/mlflow", "RoleArn": role}
    template = {
        "Resources": {"App": {"Type": "AWS::SageMaker::MlflowApp", "Properties": properties}},
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["App", "Arn"]}}, "Ref": {"Value": {"Ref": "App"}}},
    }
    stacks = cloud_session.client("cloudformation")
    stacks.create_stack(StackName="mlflow-app", TemplateBody=json.dumps(template))
    stacks.get_waiter("stack_create_complete").wait(StackName="mlflow-app", WaiterConfig={"Delay": 1})
    outputs = stacks.describe_stacks(StackName="mlflow-app")["Stacks"][0]["Outputs"]
    (app,) = client.list_mlflow_apps()["Summaries"]
    assert {each["OutputValue"] for each in outputs} == {app["Arn"]}
    stacks.delete_stack(StackName="mlflow-app")
    stacks.get_waiter("stack_delete_complete").wait(StackName="mlflow-app", WaiterConfig={"Delay": 1})
    assert client.list_mlflow_apps()["Summaries"] == []
