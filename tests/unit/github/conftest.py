"""A local GitHub, and a world on it."""

from collections.abc import Iterator

import pytest

from tests.fakes.github import FakeGitHub, fake_github
from tests.fakes.github_world import GitHubWorld


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    """A GitHub of this test's own."""
    with fake_github() as server:
        yield server


@pytest.fixture
def world(github: FakeGitHub) -> GitHubWorld:
    """Connected to `octo-org/models`, branch `main`."""
    return GitHubWorld(github)
