"""An HTTP request whose answer is bounded in size and time. Follows no redirect, tells nothing secret."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import urllib3

from sluiceway.errors import PermanentError, ServiceUnavailable

CHUNK = 64 * 1024
TIMEOUT = urllib3.Timeout(connect=3, read=15)
PATIENT = urllib3.Retry(
    total=2,
    backoff_factor=0.3,
    status_forcelist=(502, 503, 504),
    allowed_methods=None,
    redirect=False,
    raise_on_status=False,
    respect_retry_after_header=False,
)
"""For requests that may be made twice. Longer waits are the business of whoever tries again from outside."""
CAREFUL = PATIENT.new(read=0, status=0, other=0)
"""For requests that create something at each call: again only where no connection came about."""


class AnswerTooLarge(PermanentError):
    """An answer has more bytes than its reader allows."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked. `told` stands for it in errors: URL and headers may hold secrets."""

    method: str
    url: str
    headers: Mapping[str, str]
    told: str
    body: bytes | None = None
    retries: urllib3.Retry = PATIENT
    at_most: int
    """Bytes of the answer."""
    seconds: float
    """Of the whole answer, however steadily it drips."""


@dataclass(frozen=True)
class Reply:
    """A whole answer, its headers by lower case name."""

    status: int
    headers: Mapping[str, str]
    data: bytes


def exchange(service: str, asked: Question) -> Reply:
    """Ask, certificates checked; raises `ServiceUnavailable` or `AnswerTooLarge` without a whole answer."""
    try:
        answer = _pool().urlopen(
            asked.method,
            asked.url,
            body=asked.body,
            headers=asked.headers,
            retries=asked.retries,
            redirect=False,
            preload_content=False,
        )
    except urllib3.exceptions.HTTPError as error:
        kind = type(error).__name__
        raise ServiceUnavailable(f"{service} did not answer {asked.told} ({kind})") from None
    return _whole(service, asked, answer)


@cache
def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(maxsize=8, timeout=TIMEOUT)


def _whole(service: str, asked: Question, answer: urllib3.BaseHTTPResponse) -> Reply:
    try:
        data = _read(service, asked, answer)
    except BaseException:
        answer.close()  # what is not read to its end must not go back into the pool
        raise
    answer.release_conn()
    return Reply(answer.status, {name.lower(): value for name, value in answer.headers.items()}, data)


def _read(service: str, asked: Question, answer: urllib3.BaseHTTPResponse) -> bytes:
    data = bytearray()
    deadline = time.monotonic() + asked.seconds
    try:
        for chunk in answer.stream(CHUNK, decode_content=False):
            data += chunk
            if len(data) > asked.at_most:
                raise AnswerTooLarge(f"{service} answered {asked.told} with more than {asked.at_most} bytes")
            if time.monotonic() > deadline:
                raise ServiceUnavailable(f"{service} took more than {asked.seconds:.0f} s for {asked.told}")
    except urllib3.exceptions.HTTPError as error:
        kind = type(error).__name__
        raise ServiceUnavailable(f"{service} broke off its answer to {asked.told} ({kind})") from None
    return bytes(data)
