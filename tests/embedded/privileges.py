"""Least privilege of what is deployed in a running cloud, by the calls on its record."""

from pathlib import Path

from embedded import calls
from embedded.privileges import saved
from embedded.privileges.allowances import read_allowances
from embedded.privileges.review import Review, review
from embedded.privileges.running import roles_of
from tests.embedded.conftest import CloudSession

EXCEPTIONS = Path(__file__).parent / "privilege_exceptions.yaml"


def reviewed(cloud: CloudSession, *, since: float = 0.0) -> Review:
    """Every role of every deployed stack but the CDK's own, held against the calls from `since` on."""
    roles = roles_of(cloud.client)
    saved.save_roles(cloud.state_dir, roles)
    return review(roles, calls.read(cloud.state_dir, since=since), read_allowances(EXCEPTIONS))


def assert_least_privilege(cloud: CloudSession, *, since: float = 0.0) -> None:
    """Fail with one line for each action that is granted and unused, or used and not granted."""
    found = reviewed(cloud, since=since)
    assert found.is_clean, f"\n{found}"
