"""What is read from GitHub: heads, archives, pull requests, permissions, and its list of deliveries."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, ValidationError

from sluiceway.clock import timestamp
from sluiceway.errors import NotFound, ServiceUnavailable
from sluiceway.gateways.bounded_http import AnswerTooLarge
from sluiceway.gateways.github_rest import MAX_PAGES, PER_PAGE, GitHubRefused, GitHubRest, quoted
from sluiceway.github.names import check_branch, check_repository

MAX_PAYLOAD_BYTES = 26 * 1024 * 1024
"""GitHub caps payloads at 25 MB."""
EMPTY_REPOSITORY = 409
TAGS_OF_TAGS = 5
"""An annotated tag is an object of its own, and may stand on another."""


@dataclass(frozen=True, kw_only=True)
class PullRequest:
    """A pull request as it stands."""

    number: int
    sha: str
    """Its head."""
    ref: str
    """Name of the head's branch; untrusted."""
    base: str
    """Name of the branch that it is proposed for."""
    head_repository: str | None
    """`owner/name`; None: the fork is gone."""
    is_open: bool
    draft: bool
    updated_at: str
    """In the ledger's form."""


@dataclass(frozen=True, kw_only=True)
class ListedDelivery:
    """One attempt to deliver a webhook."""

    id: int
    guid: str
    """The same for every attempt."""
    delivered_at: str
    event: str
    succeeded: bool


@dataclass(frozen=True)
class SentPayload:
    """What GitHub sent, or tried to send."""

    event: str
    guid: str
    payload: dict[str, Any]


class GitHub(Protocol):
    """One GitHub, read with the stage's credentials."""

    def head(self, repository: str, branch: str) -> str | None:
        """The commit at the tip of a branch; None: no such branch. Raises `NotFound`: no repository."""

    def tag_commit(self, repository: str, tag: str) -> str | None:
        """The commit that a tag leads to."""

    def archive(self, repository: str, sha: str, *, at_most: int) -> bytes:
        """The files of a commit as a zip, below a top folder of GitHub's naming."""

    def pull_request(self, repository: str, number: int) -> PullRequest:
        """A pull request as it stands; raises `NotFound`."""

    def open_pull_requests(self, repository: str) -> list[PullRequest]:
        """Those that are open."""

    def changed_paths(self, repository: str, number: int) -> frozenset[str] | None:
        """Paths that a pull request adds, changes, moves or removes; None: more than can be listed."""

    def may_write(self, repository: str, login: str) -> bool:
        """Whether a person may push to a repository."""

    def deliveries(self, hook: str) -> Iterator[ListedDelivery]:
        """Attempts to deliver, newest first; `hook` is `repos/OWNER/NAME/hooks/ID` or `app/hook`."""

    def sent(self, hook: str, delivery: int) -> SentPayload:
        """What one of them held."""


class RestGitHub:
    """`GitHub` by its REST API."""

    def __init__(self, rest: GitHubRest) -> None:
        self._rest = rest

    def head(self, repository: str, branch: str) -> str | None:
        """The commit at the tip of a branch; None: there is no such branch."""
        found = self._ref(repository, f"heads/{quoted(check_branch(branch))}")
        if found is None:
            self._rest.get(_repo(repository))  # raises, where it is the repository that is not there
        return None if found is None else found.object.sha

    def tag_commit(self, repository: str, tag: str) -> str | None:
        """The commit that a tag leads to, also by way of an annotated one."""
        found = self._ref(repository, f"tags/{quoted(check_branch(tag))}")
        for _ in range(TAGS_OF_TAGS):
            if found is None or found.object.type != "tag":
                break
            found = _read(_Ref, self._rest.get(_repo(repository, "git/tags", found.object.sha)))
        return found.object.sha if found is not None and found.object.type == "commit" else None

    def archive(self, repository: str, sha: str, *, at_most: int) -> bytes:
        """The files of a commit as a zip; raises `AnswerTooLarge`."""
        return self._rest.archive(_repo(repository, "zipball", sha), at_most=at_most)

    def pull_request(self, repository: str, number: int) -> PullRequest:
        """A pull request as it stands; raises `NotFound`."""
        return _pull_request(self._rest.get(_repo(repository, "pulls", number)))

    def open_pull_requests(self, repository: str) -> list[PullRequest]:
        """Those that are open, the latest changed first."""
        query = {"state": "open", "sort": "updated", "direction": "desc"}
        return [_pull_request(each) for each in self._rest.pages(_repo(repository, "pulls"), query)]

    def changed_paths(self, repository: str, number: int) -> frozenset[str] | None:
        """Paths that a pull request touches; None: more than can be listed."""
        try:
            files = list(self._rest.pages(_repo(repository, "pulls", number, "files")))
        except AnswerTooLarge:
            return None
        names = [each.get(name) for each in files for name in ("filename", "previous_filename")]
        return None if len(files) >= MAX_PAGES * PER_PAGE else frozenset(name for name in names if name)

    def may_write(self, repository: str, login: str) -> bool:
        """Whether a person may push; GitHub tells `maintain` as `write`, and `triage` as `read`."""
        try:
            answer = self._rest.get(_repo(repository, "collaborators", quote(login, safe=""), "permission"))
        except NotFound:
            return False
        return _read(_Permission, answer).permission in ("admin", "write", "maintain")

    def deliveries(self, hook: str) -> Iterator[ListedDelivery]:
        """Attempts to deliver, newest first."""
        for entry in self._rest.linked_pages(f"/{hook}/deliveries"):
            found = _read(_Delivery, entry)
            yield ListedDelivery(
                id=found.id,
                guid=found.guid,
                delivered_at=timestamp(found.delivered_at),
                event=found.event,
                succeeded=200 <= found.status_code < 300,
            )

    def sent(self, hook: str, delivery: int) -> SentPayload:
        """What one of them held; raises `NotFound` once GitHub has forgotten it (after three days)."""
        answer = self._rest.get(f"/{hook}/deliveries/{delivery}", at_most=MAX_PAYLOAD_BYTES)
        found = _read(_Sent, answer)
        return SentPayload(found.event, found.guid, found.request.payload)

    def _ref(self, repository: str, ref: str) -> "_Ref | None":
        try:
            return _read(_Ref, self._rest.get(_repo(repository, "git/ref", ref)))
        except NotFound:
            return None
        except GitHubRefused as refused:
            if refused.status != EMPTY_REPOSITORY:
                raise
            return None


class _Told(BaseModel):
    """GitHub adds fields without notice: only what is used is read."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Object(_Told):
    sha: str
    type: str


class _Ref(_Told):
    object: _Object


class _Repository(_Told):
    full_name: str


class _Head(_Told):
    sha: str
    ref: str
    repo: _Repository | None = None


class _PullRequest(_Told):
    number: int
    head: _Head
    base: _Head
    state: str
    draft: bool = False
    updated_at: datetime


class _Permission(_Told):
    permission: str


class _Delivery(_Told):
    id: int
    guid: str
    delivered_at: datetime
    event: str
    status_code: int = 0


class _Request(_Told):
    payload: dict[str, Any]


class _Sent(_Told):
    event: str
    guid: str
    request: _Request


Model = TypeVar("Model", bound=_Told)


def _read(model: type[Model], answer: Any) -> Model:
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        raise ServiceUnavailable(
            f"GitHub answered with something else than is documented: {error.errors()[0]['loc']}"
        ) from None


def _pull_request(answer: Any) -> PullRequest:
    found = _read(_PullRequest, answer)
    return PullRequest(
        number=found.number,
        sha=found.head.sha,
        ref=found.head.ref,
        base=found.base.ref,
        head_repository=found.head.repo.full_name if found.head.repo else None,
        is_open=found.state == "open",
        draft=found.draft,
        updated_at=timestamp(found.updated_at),
    )


def _repo(repository: str, *parts: str | int) -> str:
    return "/".join(("/repos", check_repository(repository), *(str(part) for part in parts)))
