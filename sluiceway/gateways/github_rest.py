"""Requests to GitHub's REST API: the only place from which anything goes to a GitHub.

Answers are bounded in size and time; redirects are followed for archives only, to where this GitHub keeps
them, and without the token. Neither tokens nor query strings (an archive's carries one) appear in errors.

Example:
    github = GitHubRest("https://api.github.com", Token("github_pat_…"))
    head = github.get("/repos/octo-org/hello/git/ref/heads/main")
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import quote, unquote, urlencode

import orjson
import urllib3

from sluiceway.errors import PermanentError, ServiceUnavailable
from sluiceway.gateways.bounded_http import CAREFUL, PATIENT, Question, Reply, exchange
from sluiceway.gateways.github_answers import Answer, KeptAnswers
from sluiceway.gateways.github_errors import GitHubRefused as GitHubRefused
from sluiceway.gateways.github_errors import RateLimited as RateLimited
from sluiceway.gateways.github_errors import refusal
from sluiceway.github.site import check_base_url, serves_archives

API_VERSION = "2022-11-28"
MAX_ANSWER_BYTES = 8 * 1024 * 1024
"""Pages hold at most 100 entries of some KiB."""
ANSWER_SECONDS = 25.0
ARCHIVE_SECONDS = 60.0
PER_PAGE = 100
MAX_PAGES = 20
PLAIN_PATH = re.compile(r"(/[A-Za-z0-9_~!$&'()*+,;=:@%.-]+)+")
NEXT_CURSOR = re.compile(r'[?&]cursor=([^&>]+)[^>]*>;[^,]*rel="next"')
ZIP = b"PK"
REDIRECTS = (301, 302, 307, 308)

Body = Mapping[str, Any]


class Ask(Protocol):
    """One request under a given `Authorization`, for credentials that GitHub itself hands out."""

    def __call__(self, method: str, path: str, *, authorization: str, body: Body | None = None) -> Answer:
        """The parsed answer."""


class Credentials(Protocol):
    """What requests are signed with."""

    @property
    def writes_checks(self) -> bool:
        """Whether check runs may be written: GitHub lets Apps alone do that."""

    def authorization(self, path: str, ask: Ask) -> str:
        """The header `Authorization` of a request to `path`."""

    def renew(self, path: str) -> bool:
        """Whether there is another one to try, after GitHub has answered 401 to the last."""


class Token:
    """A fine-grained personal access token."""

    writes_checks = False

    def __init__(self, token: str) -> None:
        self._token = token

    def authorization(self, path: str, ask: Ask) -> str:  # noqa: ARG002
        """The same for every path."""
        return f"Bearer {self._token}"

    def renew(self, path: str) -> bool:  # noqa: ARG002
        """There is only the one."""
        return False


def quoted(part: str) -> str:
    """A name or ref as it goes into a path; slashes, as in branch names, stay."""
    return quote(part, safe="/")


class GitHubRest:
    """One GitHub. Answers are parsed JSON; failures are this package's errors.

    `NotFound` (404, 410), `GitHubRefused` (other 4xx), `RateLimited` and `ServiceUnavailable` (try later).
    """

    def __init__(
        self, base_url: str, credentials: Credentials, *, now: Callable[[], float] = time.time
    ) -> None:
        self._base = check_base_url(base_url)
        self._credentials = credentials
        self._now = now
        self._kept = KeptAnswers()

    @property
    def writes_checks(self) -> bool:
        """Whether check runs may be written: GitHub lets Apps alone do that."""
        return self._credentials.writes_checks

    def get(
        self, path: str, query: Mapping[str, str | int] | None = None, *, at_most: int = MAX_ANSWER_BYTES
    ) -> Answer:
        """GET below the base URL. An answer that is unchanged since the last time comes from memory."""
        asked = _asked(path, query or {})
        etag, kept = self._kept.known(asked)
        known = {"If-None-Match": etag} if etag else {}
        reply = self._send("GET", asked, headers=known, at_most=at_most)
        if reply.status == 304:
            return kept
        found = self._parsed(reply, f"GET {path}")
        self._kept.keep(asked, reply.headers.get("etag", ""), found, size=len(reply.data))
        return found

    def pages(
        self, path: str, query: Mapping[str, str | int] | None = None, *, of: str | None = None
    ) -> Iterator[Any]:
        """Entries of a list, page by page (at most `MAX_PAGES` of 100); `of`: the field that holds them."""
        for page in range(1, MAX_PAGES + 1):
            answer = self.get(path, {"per_page": PER_PAGE, **(query or {}), "page": page})
            entries = answer if of is None else answer[of]
            yield from entries
            if len(entries) < PER_PAGE:
                return

    def linked_pages(self, path: str) -> Iterator[Any]:
        """Entries of a list whose pages are told by a cursor in the header `Link` (at most `MAX_PAGES`)."""
        query: dict[str, str | int] = {"per_page": PER_PAGE}
        for _ in range(MAX_PAGES):
            reply = self._send("GET", _asked(path, query))
            yield from self._parsed(reply, f"GET {path}")
            cursor = NEXT_CURSOR.search(reply.headers.get("link", ""))
            if cursor is None:
                return
            query["cursor"] = unquote(cursor[1])

    def put(self, path: str, body: Body) -> Answer:
        """PUT something that may be done twice."""
        return self._change("PUT", path, body)

    def patch(self, path: str, body: Body) -> Answer:
        """PATCH something that may be done twice."""
        return self._change("PATCH", path, body)

    def post(self, path: str, body: Body) -> Answer:
        """POST something that may be done twice."""
        return self._change("POST", path, body)

    def create(self, path: str, body: Body) -> Answer:
        """POST something that is done anew at each call. Look for it before: an answer may have been lost."""
        return self._change("POST", path, body, retries=CAREFUL)

    def archive(self, path: str, *, at_most: int) -> bytes:
        """An archive, by way of one redirect; raises `AnswerTooLarge` above `at_most` bytes."""
        request = f"GET {path}"
        reply = self._send("GET", _asked(path, {}), at_most=at_most)
        if reply.status == 200 and reply.data.startswith(ZIP):
            return reply.data  # a proxy before an Enterprise Server has followed the redirect
        if reply.status not in REDIRECTS:
            self._checked(reply, request)
            raise ServiceUnavailable(f"GitHub answered {request} with {reply.status}, not with a redirect")
        location = reply.headers.get("location", "")
        if not _leads_to_archives(self._base, location):
            raise GitHubRefused(f"GitHub redirected {request} to a host that is not its own", reply.status)
        told = f"{request} (redirected)"
        asked = Question(
            method="GET",
            url=location,
            headers=_headers(),  # without the token: the address has one of its own
            told=told,
            at_most=at_most,
            seconds=ARCHIVE_SECONDS,
        )
        return self._checked(exchange("GitHub", asked), told).data

    def _change(self, method: str, path: str, body: Body, *, retries: urllib3.Retry = PATIENT) -> Answer:
        reply = self._send(method, _asked(path, {}), body=body, retries=retries)
        return self._parsed(reply, f"{method} {path}")

    def _send(
        self, method: str, asked: str, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> Reply:
        reply = self._exchange(method, asked, self._signed(asked, headers or {}), **more)
        if reply.status == 401 and self._credentials.renew(asked):
            return self._exchange(method, asked, self._signed(asked, headers or {}), **more)
        return reply

    def _signed(self, asked: str, headers: Mapping[str, str]) -> dict[str, str]:
        return {"Authorization": self._credentials.authorization(asked, self._ask), **headers}

    def _ask(self, method: str, path: str, *, authorization: str, body: Body | None = None) -> Answer:
        reply = self._exchange(method, _asked(path, {}), {"Authorization": authorization}, body=body)
        return self._parsed(reply, f"{method} {path}")

    def _exchange(
        self,
        method: str,
        asked: str,
        headers: Mapping[str, str],
        *,
        body: Body | None = None,
        retries: urllib3.Retry = PATIENT,
        at_most: int = MAX_ANSWER_BYTES,
    ) -> Reply:
        kind = {} if body is None else {"Content-Type": "application/json"}
        question = Question(
            method=method,
            url=f"{self._base}{asked}",
            headers={**_headers(), **kind, **headers},
            told=f"{method} {asked.partition('?')[0]}",
            body=None if body is None else orjson.dumps(body),
            retries=retries,
            at_most=at_most,
            seconds=ANSWER_SECONDS,
        )
        return exchange("GitHub", question)

    def _checked(self, reply: Reply, request: str) -> Reply:
        if reply.status in REDIRECTS:
            moved = f"GitHub answered {request} with {reply.status}: connect it again under its new name"
            raise GitHubRefused(moved, reply.status)
        if reply.status >= 400:
            raise refusal(
                reply.status, headers=reply.headers, data=reply.data, request=request, now=self._now()
            )
        return reply

    def _parsed(self, reply: Reply, request: str) -> Answer:
        data = self._checked(reply, request).data
        try:
            return orjson.loads(data) if data else None
        except orjson.JSONDecodeError:
            raise ServiceUnavailable(
                f"GitHub answered {request} with something that is not JSON: is the base URL right?"
            ) from None


def _asked(path: str, query: Mapping[str, str | int]) -> str:
    """Path and query. Nothing that a name or a ref holds can lead to another path."""
    if not PLAIN_PATH.fullmatch(path) or any(part in (".", "..") for part in path.split("/")):
        raise PermanentError(f"{path!r} is not a path of GitHub's API: check and quote its parts")
    return f"{path}?{urlencode(query, quote_via=quote)}" if query else path


def _headers() -> dict[str, str]:
    return {
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": API_VERSION,
        "User-Agent": "sluiceway",
    }


def _leads_to_archives(base: str, location: str) -> bool:
    try:
        return serves_archives(base, location)
    except ValueError:
        return False
