"""What is read from GitHub: heads, tags, pull requests, permissions; nothing under a name that is none."""

from contextlib import suppress
from typing import Any

import pytest

from sluiceway.errors import NotFound, PermanentError, ServiceUnavailable
from sluiceway.gateways.github import RestGitHub
from tests.fakes.github import TOKEN, FakeGitHub
from tests.fakes.github_repository import FakeRepository
from tests.fakes.github_routes import Reply
from tests.fakes.github_world import REPOSITORY


def test_a_head_is_asked_for_with_token_and_version(
    server: FakeGitHub, repository: FakeRepository, github: RestGitHub
) -> None:
    """As GitHub's documentation wants it of every request."""
    sha = repository.push({"a": b"b"}, branch="feature/über")
    assert github.head(REPOSITORY, "feature/über") == sha
    (seen,) = server.requests
    assert seen.path == f"/repos/{REPOSITORY}/git/ref/heads/feature/%C3%BCber"
    assert seen.headers["authorization"] == f"Bearer {TOKEN}"
    assert seen.headers["x-github-api-version"] == "2022-11-28"
    assert seen.headers["user-agent"] == "sluiceway"


def test_a_branch_that_is_gone_is_told_from_a_repository_that_is(
    repository: FakeRepository, github: RestGitHub
) -> None:
    """GitHub answers 404 to both, and to tokens that may not see the repository."""
    repository.push({})
    assert github.head(REPOSITORY, "gone") is None
    with pytest.raises(NotFound, match="the token may not see it"):
        github.head("octo-org/gone", "main")


def test_a_tag_leads_to_its_commit(repository: FakeRepository, github: RestGitHub) -> None:
    """A plain one, an annotated one, which is an object of its own, one on another, and one on itself."""
    repository.tags = {"plain": "aa" * 20, "annotated": "bb" * 20, "twice": "dd" * 20, "odd": "ee" * 20}
    repository.annotated = {"bb" * 20: "cc" * 20, "dd" * 20: "bb" * 20, "ee" * 20: "ee" * 20}
    assert github.tag_commit(REPOSITORY, "twice") == "cc" * 20
    assert github.tag_commit(REPOSITORY, "odd") is None
    assert github.tag_commit(REPOSITORY, "plain") == "aa" * 20
    assert github.tag_commit(REPOSITORY, "annotated") == "cc" * 20
    assert github.tag_commit(REPOSITORY, "none") is None


@pytest.mark.parametrize(
    "name", ["../x", "a/..", "a/b/c", "a", "", "a b/c", "a/b?x", "a/b#x", "a/b%2f", "a/b\n"]
)
def test_a_repository_that_is_no_name_is_never_asked_for(github: RestGitHub, name: str) -> None:
    """A path of GitHub's API is made of checked names only."""
    with pytest.raises(PermanentError):
        github.head(name, "main")


@pytest.mark.parametrize(
    "branch", ["", "-uroot", "a..b", "/a", "a/", "a//b", "a b", "a\x00b", "a\nb", "a~1", "a^", "a:b", "a\\b",
               "a.lock", ".a", "a/.b", "@", "a@{b", "a*", "a?", "a[", "a.", "a\u202eb", "x" * 2000]
)  # fmt: skip
def test_a_branch_that_git_would_not_take_is_never_asked_for(github: RestGitHub, branch: str) -> None:
    """By the rules of `git check-ref-format`, and nothing that cannot be seen."""
    with pytest.raises(PermanentError):
        github.head(REPOSITORY, branch)


def test_people_who_may_push_are_told_from_others(repository: FakeRepository, github: RestGitHub) -> None:
    """GitHub tells `maintain` as `write` and `triage` as `read`; strangers are 404."""
    repository.permissions = {"a": "admin", "w": "write", "r": "read", "n": "none"}
    assert [github.may_write(REPOSITORY, who) for who in ("a", "w", "r", "n", "stranger")] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_more_files_than_github_lists_are_all_of_them(repository: FakeRepository, github: RestGitHub) -> None:
    """Better to check too many projects than to overlook one."""
    repository.propose({}, changed=[f"f{number}" for number in range(150)])
    assert github.changed_paths(REPOSITORY, 2) == frozenset(f"f{number}" for number in range(150))
    repository.changed[2] = [f"f{number}" for number in range(2000)]
    assert github.changed_paths(REPOSITORY, 2) is None


@pytest.mark.parametrize("answer", [None, [], "write", {}, {"permission": ["admin"]}])
def test_a_permission_that_is_none_lets_nobody_in(
    server: FakeGitHub, repository: FakeRepository, github: RestGitHub, answer: Any
) -> None:
    """An answer that is not as documented is asked for again later."""
    server.faults = [("/permission", Reply(200, answer))]
    with pytest.raises(ServiceUnavailable):
        github.may_write(REPOSITORY, "somebody")


@pytest.mark.parametrize("login", ["", "..", "a/../../x", "dependabot[bot]", "a?b", "a#b", "ü\n"])
def test_a_login_that_is_none_lets_nobody_in(
    server: FakeGitHub, repository: FakeRepository, github: RestGitHub, login: str
) -> None:
    """Bots and accounts that are gone, too; no login leads to another path."""
    repository.permissions = {"x": "admin"}
    with suppress(PermanentError):
        assert not github.may_write(REPOSITORY, login)
    assert all("/collaborators/" in path for path in server.paths())
