"""One embedded cloud for all tests of a session, and quick ways to put something into it."""

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import pytest

from embedded import calls, lifecycle
from embedded.cloud import ROOT_CREDENTIALS
from embedded.deployment import deploy
from embedded.environment import ACCOUNT_ID, REGION
from embedded.privileges import saved

if TYPE_CHECKING:
    from sluiceway.gateways.ledger import RunRecord
    from tests.embedded.connected_github import ConnectedGitHub
    from tests.embedded.stage import Stage

SERVICES = [
    f"{name}.amazonaws.com"
    for name in (
        "batch",
        "cloudformation",
        "codebuild",
        "ecs-tasks",
        "events",
        "lambda",
        "pipes",
        "sagemaker",
        "scheduler",
        "states",
    )
]


@dataclass(frozen=True)
class CloudSession:
    """A running embedded cloud, seen from outside."""

    state_dir: Path
    endpoint_url: str
    tracking_uri: str
    ca_bundle: str

    def client(self, service: str, credentials: Mapping[str, str] | None = None) -> Any:
        """A boto3 client, as root unless credentials of a session are given."""
        keys = credentials or ROOT_CREDENTIALS
        return boto3.client(
            service,
            endpoint_url=self.endpoint_url,
            region_name=REGION,
            verify=self.ca_bundle,
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=keys.get("AWS_SESSION_TOKEN"),
        )

    def role(self, *statements: Mapping[str, Any], trusting: Mapping[str, Any] | None = None) -> str:
        """The ARN of a new role that anybody may assume, with these statements as its policy.

        `trusting` is the one statement of another trust policy.
        """
        name, iam = f"role-{uuid4().hex[:12]}", self.client("iam")
        principal = {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root", "Service": SERVICES}
        trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"} | dict(trusting or {})
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))["Role"]["Arn"]
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=_policy(*statements))
        return str(arn)

    def assume(self, role_arn: str) -> dict[str, str]:
        """Credentials of a session of a role."""
        found = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="test")["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": found["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": found["SecretAccessKey"],
            "AWS_SESSION_TOKEN": found["SessionToken"],
        }

    def function(self, code: str, *, role: str | None = None, **settings: Any) -> str:
        """The ARN of a new Python function whose handler is `handler` of this source."""
        answer = self.client("lambda").create_function(
            FunctionName=f"function-{uuid4().hex[:12]}",
            Runtime="python3.11",
            Handler="code.handler",
            Role=role or self.role(allow("logs:*")),
            Code={"ZipFile": zipped({"code.py": code})},
            Timeout=20,
            **settings,
        )
        return str(answer["FunctionArn"])

    def machine(self, definition: Mapping[str, Any], *, role: str) -> str:
        """The ARN of a new state machine that speaks JSONata."""
        answer = self.client("stepfunctions").create_state_machine(
            name=f"machine-{uuid4().hex[:12]}",
            definition=json.dumps({"QueryLanguage": "JSONata"} | dict(definition)),
            roleArn=role,
        )
        return str(answer["stateMachineArn"])

    def run(self, machine_arn: str, value: Any = None, **settings: Any) -> dict[str, Any]:
        """Run a state machine to its end; what DescribeExecution then says."""
        states = self.client("stepfunctions")
        arn = states.start_execution(stateMachineArn=machine_arn, input=json.dumps(value or {}), **settings)[
            "executionArn"
        ]
        wait_for(lambda: states.describe_execution(executionArn=arn)["status"] != "RUNNING")
        return dict(states.describe_execution(executionArn=arn))

    def calls_of(self, role_arn: str, *, action: str) -> list[calls.Call]:
        """What is on record of a role doing something."""
        name = role_arn.rpartition("/")[2]

        def found() -> list[calls.Call]:
            return [
                call
                for call in calls.read(self.state_dir)
                if call.role_name == name and call.action == action
            ]

        wait_for(lambda: bool(found()))
        return found()


def _policy(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allow(action: str, resource: str = "*") -> dict[str, str]:
    """A statement that allows one action."""
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def zipped(files: Mapping[str, str]) -> bytes:
    """A zip archive of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def wait_for(condition: Callable[[], bool], *, seconds: float = 20) -> None:
    """Wait until a condition holds; fails the test when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)


_HERE = Path(__file__).parent
_ORDER = (_HERE / "deployed", _HERE / "undisturbed", _HERE)
"""What takes longest begins first; then come other folders."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What roles did is judged after all else that makes them do something."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> tuple[int, bool]:
    folder = item.path.parent
    return (
        _ORDER.index(folder) if folder in _ORDER else len(_ORDER),
        item.path.name == "test_privileges.py",
    )


def started(state_dir: Path) -> CloudSession:
    """A running cloud in a folder."""
    status = lifecycle.up(state_dir)
    assert status.endpoint_url
    assert status.tracking_uri
    variables = lifecycle.client_variables(state_dir)
    return CloudSession(state_dir, status.endpoint_url, status.tracking_uri, variables["AWS_CA_BUNDLE"])


def deployed(cloud: CloudSession) -> "Stage":
    """The stage `local` in a running cloud, deployed by the CDK CLI."""
    from tests.embedded.stage import Stage

    begun = time.time()
    saved.note_test(cloud.state_dir, begun, "the deployment")
    deploy(cloud.state_dir)
    parameter = cloud.client("ssm").get_parameter(Name="/sluiceway/local/settings")
    return Stage(cloud, json.loads(parameter["Parameter"]["Value"]), deployed_at=begun)


def run_of_two_uploads(stage: "Stage") -> "RunRecord":
    """The run that the probe project and its data start, once it has ended."""
    from tests.embedded.stage import points, probe_archive

    def push() -> None:
        stage.put("data/points/first.csv", points(500))
        stage.put("code/probe/probe.zip", probe_archive())

    saved.note_test(stage.cloud.state_dir, time.time(), "the first run")
    return stage.next_run("probe", push)


@pytest.fixture(scope="session")
def cloud_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudSession]:
    """A cloud of its own in a temporary folder, stopped at the end of the session."""
    cloud = started(tmp_path_factory.mktemp("cloud"))
    yield cloud
    lifecycle.down(cloud.state_dir)


@pytest.fixture(autouse=True)
def _on_record(request: pytest.FixtureRequest) -> None:
    """Note when each test begins, so that calls on record can be told to be of it."""
    if "cloud_session" in request.fixturenames:
        cloud: CloudSession = request.getfixturevalue("cloud_session")
        saved.note_test(cloud.state_dir, time.time(), request.node.name)


@pytest.fixture(scope="session")
def stage(cloud_session: CloudSession) -> "Stage":
    """The stage that most tests share."""
    return deployed(cloud_session)


@pytest.fixture(scope="session")
def connected_github(stage: "Stage", tmp_path_factory: pytest.TempPathFactory) -> "Iterator[ConnectedGitHub]":
    """One connection to a GitHub on this machine: another one would replace the webhook's secret."""
    from tests.embedded.connected_github import connected

    with connected(stage, tmp_path_factory.mktemp("app")) as found:
        yield found


@pytest.fixture(scope="session")
def first_run(stage: "Stage") -> "RunRecord":
    """The run that two plain uploads start."""
    return run_of_two_uploads(stage)
