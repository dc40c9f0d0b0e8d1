"""The `aws` of builds: operations by botocore's models."""

from typing import Any

import pytest
from botocore.session import Session

from embedded.images import aws

DETAILS = {"imageDetails": [{"imageDigest": "sha256:1", "imageTags": ["a", "b"]}]}


class FakeClient:
    """ECR that answers one call and remembers its parameters."""

    def __init__(self) -> None:
        model = Session().get_service_model("ecr")
        names = {"describe_images": "DescribeImages", "put_image": "PutImage"}
        self.meta = type("Meta", (), {"service_model": model, "method_to_api_mapping": names})
        self.params: dict[str, Any] = {}

    def describe_images(self, **params: Any) -> dict[str, Any]:
        self.params = params
        return dict(DETAILS)

    def get_authorization_token(self) -> dict[str, Any]:
        return {"authorizationData": [{"authorizationToken": "QVdTOnNlY3JldA=="}]}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    client = FakeClient()
    monkeypatch.setattr(aws, "_client", lambda _service, _options: client)
    return client


def test_the_password_is_what_docker_login_takes(
    client: FakeClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the user's name in front."""
    assert aws.main(["ecr", "get-login-password", "--region", "us-east-1"]) == 0
    assert capsys.readouterr().out == "secret\n"


@pytest.mark.parametrize("ids", ["imageTag=a", '[{"imageTag": "a"}]'])
def test_options_are_read_by_the_model(
    ids: str, client: FakeClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lists of structures as `key=value` or JSON; the answer through --query as text."""
    words = ["ecr", "describe-images", "--repository-name", "r", "--image-ids", ids]
    assert aws.main([*words, "--query", "imageDetails[0].imageDigest", "--output", "text"]) == 0
    assert client.params == {"repositoryName": "r", "imageIds": [{"imageTag": "a"}]}
    assert capsys.readouterr().out == "sha256:1\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ecr"], "write `aws SERVICE OPERATION"),
        (["ecr", "fetch"], "fetch is not an operation"),
        (["ecr", "describe-images", "--name", "r"], "--name not known; known are --registry-id"),
        (["ecr", "describe-images", "--output", "yaml"], "--output yaml is not known"),
    ],
)
def test_what_is_not_known_is_refused(
    words: list[str], said: str, client: FakeClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the CLI's exit code for its own errors."""
    assert aws.main(words) == 252
    assert said in capsys.readouterr().err
