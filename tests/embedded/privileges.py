"""Least privilege of what is deployed in a running cloud, by the calls on its record."""

from pathlib import Path

from embedded import calls
from embedded.privileges.allowances import read_allowances
from embedded.privileges.review import Review, review
from embedded.privileges.roles import deployed_roles
from tests.embedded.conftest import CloudSession

UNUSED_ACTIONS = Path(__file__).parent / "unused_actions.yaml"
_NOT_OURS = "CDKToolkit"


def reviewed(cloud: CloudSession, *, since: float = 0.0) -> Review:
    """Every role of every deployed stack but the CDK's own, held against the calls from `since` on."""
    cloudformation = cloud.client("cloudformation")
    stacks = [each["StackName"] for each in cloudformation.describe_stacks()["Stacks"]]
    roles = deployed_roles(
        cloud.client("iam"), cloudformation, [each for each in stacks if each != _NOT_OURS]
    )
    return review(roles, calls.read(cloud.state_dir, since=since), read_allowances(UNUSED_ACTIONS))


def assert_least_privilege(cloud: CloudSession, *, since: float = 0.0) -> None:
    """Fail with one line for each action that is granted and unused, or used and not granted."""
    found = reviewed(cloud, since=since)
    assert found.is_clean, f"\n{found}"
