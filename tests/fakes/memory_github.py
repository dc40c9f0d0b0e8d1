"""`GitHub` straight on repositories of the tests, without HTTP: for what asks it a hundred thousand times."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sluiceway.clock import timestamp
from sluiceway.errors import NotFound
from sluiceway.gateways.github import ListedDelivery, PullRequest, SentPayload
from tests.fakes.github_repository import FakeRepository


@dataclass
class MemoryGitHub:
    """Repositories by name; archives are packed once."""

    repositories: dict[str, FakeRepository] = field(default_factory=dict)
    _packed: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def repository(self, name: str) -> FakeRepository:
        """The repository, made where there is none."""
        return self.repositories.setdefault(name.casefold(), FakeRepository(name))

    def head(self, repository: str, branch: str) -> str | None:
        return self._found(repository).branches.get(branch)

    def tag_commit(self, repository: str, tag: str) -> str | None:
        return self._found(repository).tags.get(tag)

    def archive(self, repository: str, sha: str, *, at_most: int) -> bytes:
        key = repository.casefold(), sha
        if key not in self._packed:
            found = self._found(repository)
            if sha not in found.commits:
                raise NotFound(f"{repository} has no commit {sha}")
            self._packed[key] = found.archive(sha)
        return self._packed[key]

    def pull_request(self, repository: str, number: int) -> PullRequest:
        found = self._found(repository).pulls.get(number)
        if found is None:
            raise NotFound(f"{repository} has no pull request {number}")
        return _pull_request(found)

    def open_pull_requests(self, repository: str) -> list[PullRequest]:
        pulls = self._found(repository).pulls.values()
        return [_pull_request(each) for each in pulls if each["state"] == "open"]

    def changed_paths(self, repository: str, number: int) -> frozenset[str] | None:
        return frozenset(self._found(repository).changed.get(number, ()))

    def may_write(self, repository: str, login: str) -> bool:
        return self._found(repository).permissions.get(login) in ("admin", "write")

    def deliveries(self, hook: str) -> Iterator[ListedDelivery]:
        for each in reversed(self._hook(hook).deliveries):
            yield ListedDelivery(
                id=each["id"],
                guid=each["guid"],
                delivered_at=_time(each["delivered_at"]),
                event=each["event"],
                succeeded=each["status_code"] < 300,
            )

    def sent(self, hook: str, delivery: int) -> SentPayload:
        for each in self._hook(hook).deliveries:
            if each["id"] == delivery:
                return SentPayload(each["event"], each["guid"], each["request"]["payload"])
        raise NotFound(f"{hook} has no delivery {delivery}")

    def _hook(self, hook: str) -> FakeRepository:
        return self._found("/".join(hook.split("/")[1:3]))

    def _found(self, name: str) -> FakeRepository:
        found = self.repositories.get(name.casefold())
        if found is None:
            raise NotFound(f"there is no repository {name}")
        return found


def _pull_request(found: dict[str, Any]) -> PullRequest:
    head = found["head"]
    return PullRequest(
        number=found["number"],
        sha=head["sha"],
        ref=head["ref"],
        base=found["base"]["ref"],
        head_repository=head["repo"]["full_name"] if head["repo"] else None,
        is_open=found["state"] == "open",
        draft=found["draft"],
        updated_at=_time(found["updated_at"]),
    )


def _time(text: str) -> str:
    return timestamp(datetime.fromisoformat(text))
