"""GitHub's REST API for what is read, from its documentation (2022-11-28), on `FakeRepository`s.

Sources: "Get a reference", "Get a tag", "Download a repository archive (zip)", "Get a pull request", "List
pull requests", "List pull requests files", "Get repository permissions for a user", "List deliveries for a
repository webhook", "Create an installation access token for an app".
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.github_repository import FakeRepository


@dataclass(frozen=True)
class Reply:
    """An answer of GitHub."""

    status: int
    body: Any = None
    """JSON, or bytes as they are."""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        """What is sent."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Asked:
    """A request for something of a repository."""

    repository: FakeRepository
    parts: Mapping[str, str]
    query: Mapping[str, str]
    url: str
    """Of the server."""


MISSING = Reply(404, {"message": "Not Found", "status": "404"})
REPO = r"/repos/(?P<owner>[^/]+)/(?P<name>[^/]+)"
APP_HOOK = "/app/hook"
"""An App has one webhook for all repositories that it is installed on."""


def _repository(asked: Asked) -> Reply:
    return Reply(200, {"full_name": asked.repository.name})


def _ref(asked: Asked) -> Reply:
    kind, _, name = asked.parts["ref"].partition("/")
    sha = (asked.repository.branches if kind == "heads" else asked.repository.tags).get(name)
    if sha is None:
        return MISSING
    kind = "tag" if sha in asked.repository.annotated else "commit"
    return Reply(200, {"ref": f"refs/{asked.parts['ref']}", "object": {"type": kind, "sha": sha}})


def _tag(asked: Asked) -> Reply:
    sha = asked.repository.annotated.get(asked.parts["sha"])
    kind = "tag" if sha in asked.repository.annotated else "commit"
    return MISSING if sha is None else Reply(200, {"object": {"type": kind, "sha": sha}})


def _zipball(asked: Asked) -> Reply:
    sha = asked.parts["sha"]
    if sha not in asked.repository.commits:
        return MISSING
    location = f"{asked.url}/_codeload/{asked.repository.name}/legacy.zip/{sha}?token=AABBCC"
    return Reply(302, b"", {"Location": location})


def _codeload(asked: Asked) -> Reply:
    if asked.query.get("token") != "AABBCC":
        return MISSING
    return Reply(200, asked.repository.archive(asked.parts["sha"]), {"Content-Type": "application/zip"})


def _pull(asked: Asked) -> Reply:
    found = asked.repository.pulls.get(int(asked.parts["number"]))
    return MISSING if found is None else Reply(200, found)


def _pulls(asked: Asked) -> Reply:
    return Reply(
        200, _page(asked, [each for each in asked.repository.pulls.values() if each["state"] == "open"])
    )


def _files(asked: Asked) -> Reply:
    paths = asked.repository.changed.get(int(asked.parts["number"]), [])
    return Reply(200, _page(asked, [{"filename": path, "status": "modified"} for path in paths]))


def _permission(asked: Asked) -> Reply:
    found = asked.repository.permissions.get(asked.parts["login"])
    return MISSING if found is None else Reply(200, {"permission": found, "role_name": found})


def _deliveries(asked: Asked) -> Reply:
    """By cursor, two to a page however many are asked for."""
    newest_first = list(reversed(asked.repository.deliveries))
    start = int(asked.query.get("cursor", "v1_0").removeprefix("v1_"))
    shown = [{k: v for k, v in each.items() if k != "request"} for each in newest_first[start : start + 2]]
    more = f'<{asked.url}/x?per_page=100&cursor=v1_{start + 2}>; rel="next"'
    return Reply(200, shown, {"Link": more} if start + 2 < len(newest_first) else {})


def _delivery(asked: Asked) -> Reply:
    wanted = int(asked.parts["id"])
    return next((Reply(200, each) for each in asked.repository.deliveries if each["id"] == wanted), MISSING)


def _installation(_asked: Asked) -> Reply:
    return Reply(200, {"id": 77})


def _page(asked: Asked, entries: list[Any]) -> list[Any]:
    size, page = int(asked.query.get("per_page", "30")), int(asked.query.get("page", "1"))
    return entries[(page - 1) * size : page * size]


Route = tuple["re.Pattern[str]", Callable[[Asked], Reply]]
READ: tuple[Route, ...] = tuple(
    (re.compile(pattern), reply)
    for pattern, reply in (
        (REPO, _repository),
        (rf"{REPO}/git/ref/(?P<ref>.+)", _ref),
        (rf"{REPO}/git/tags/(?P<sha>\w+)", _tag),
        (rf"{REPO}/zipball/(?P<sha>\w+)", _zipball),
        (r"/_codeload/(?P<owner>[^/]+)/(?P<name>[^/]+)/legacy.zip/(?P<sha>\w+)", _codeload),
        (rf"{REPO}/pulls", _pulls),
        (rf"{REPO}/pulls/(?P<number>\d+)", _pull),
        (rf"{REPO}/pulls/(?P<number>\d+)/files", _files),
        (rf"{REPO}/collaborators/(?P<login>[^/]+)/permission", _permission),
        (rf"({REPO}/hooks/\d+|{APP_HOOK})/deliveries", _deliveries),
        (rf"({REPO}/hooks/\d+|{APP_HOOK})/deliveries/(?P<id>\d+)", _delivery),
        (rf"{REPO}/installation", _installation),
    )
)
