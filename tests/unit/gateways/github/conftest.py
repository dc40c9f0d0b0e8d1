"""A local GitHub, and what asks it."""

from collections.abc import Iterator

import pytest

from sluiceway.gateways.github import RestGitHub
from sluiceway.gateways.github_rest import GitHubRest, Token
from tests.fakes.github import NOW, TOKEN, FakeGitHub, fake_github
from tests.fakes.github_repository import FakeRepository
from tests.fakes.github_world import REPOSITORY


@pytest.fixture
def server() -> Iterator[FakeGitHub]:
    with fake_github() as state:
        yield state


@pytest.fixture
def repository(server: FakeGitHub) -> FakeRepository:
    return server.repository(REPOSITORY)


@pytest.fixture
def rest(server: FakeGitHub) -> GitHubRest:
    return GitHubRest(server.url, Token(TOKEN), now=lambda: NOW)


@pytest.fixture
def github(rest: GitHubRest) -> RestGitHub:
    return RestGitHub(rest)
