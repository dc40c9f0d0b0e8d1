"""Requests that wait: one file each, in the order in which they came; they outlive the server.

A request that was being processed when the server was killed waits again: it is processed at least once.
"""

import threading
import time
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from embedded.json_store import records, write_json


class Request(BaseModel):
    """One request for an asynchronous inference. Moments are seconds since 1970."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    endpoint: str
    inference_id: str
    received: float
    ttl_seconds: int
    timeout_seconds: int
    input_location: str | None
    body: str | None
    """In base64: a payload that came with the request itself."""
    content_type: str | None
    accept: str | None
    attributes: str | None
    output_location: str
    failure_location: str | None


class Queue:
    """The requests of all endpoints."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        found = list(records(folder, Request))
        self._waiting = sorted(found, key=lambda each: each.number)
        self._taken: dict[int, Request] = {}
        self._last = max((each.number for each in found), default=0)

    def number(self) -> int:
        """A number for a new request, larger than all before, also of earlier servers."""
        with self._lock:
            self._last = max(self._last + 1, time.time_ns())
            return self._last

    def add(self, request: Request) -> None:
        """Let a request wait; it is on disk when this returns."""
        write_json(self._path(request), request.model_dump_json())
        with self._lock:
            self._waiting.append(request)

    def take(self, endpoint: str) -> Request | None:
        """The request of an endpoint that has waited longest; it counts until it is done."""
        with self._lock:
            found = next((each for each in self._waiting if each.endpoint == endpoint), None)
            if found is not None:
                self._waiting.remove(found)
                self._taken[found.number] = found
            return found

    def overdue(self, endpoint: str, now: float) -> Sequence[Request]:
        """Take all that have waited longer than their time to live."""
        with self._lock:
            found = [
                each
                for each in self._waiting
                if each.endpoint == endpoint and now - each.received >= each.ttl_seconds
            ]
            self._waiting = [each for each in self._waiting if each not in found]
            self._taken |= {each.number: each for each in found}
        return found

    def put_back(self, request: Request) -> None:
        """Let a request wait again, before all others."""
        with self._lock:
            self._taken.pop(request.number, None)
            self._waiting.insert(0, request)

    def done(self, request: Request) -> None:
        """Forget a request."""
        self._path(request).unlink(missing_ok=True)
        with self._lock:
            self._taken.pop(request.number, None)

    def drop(self, endpoint: str) -> None:
        """Forget all that wait for an endpoint that is gone."""
        with self._lock:
            gone = [each for each in self._waiting if each.endpoint == endpoint]
            self._waiting = [each for each in self._waiting if each.endpoint != endpoint]
        for each in gone:
            self._path(each).unlink(missing_ok=True)

    def endpoints(self) -> set[str]:
        """The endpoints for which something waits."""
        with self._lock:
            return {each.endpoint for each in self._waiting}

    def backlog(self, endpoint: str) -> Sequence[Request]:
        """What waits or is being processed, oldest first."""
        with self._lock:
            all_of_them = [*self._taken.values(), *self._waiting]
            return [each for each in all_of_them if each.endpoint == endpoint]

    def taken(self, endpoint: str) -> int:
        """How many are being processed."""
        with self._lock:
            return sum(each.endpoint == endpoint for each in self._taken.values())

    def _path(self, request: Request) -> Path:
        return self._folder / f"{request.number}.json"
