"""What becomes of deliveries: the use cases on a local GitHub; ledger, buckets and bus in memory."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import orjson

from sluiceway.clock import timestamp
from sluiceway.contract import Contract
from sluiceway.gateways.github import RestGitHub
from sluiceway.gateways.github_rest import GitHubRest, Token
from sluiceway.gateways.ledger import EventRecord
from sluiceway.github.contracts import Delivery, ReconcileGitHubOutput
from sluiceway.github.handle_delivery import handle_delivery
from sluiceway.github.handling import Handling
from sluiceway.github.read_payload import read_told
from sluiceway.github.receive_webhook import read_delivery
from sluiceway.github.reconcile_github import Reconciling, reconcile_github
from sluiceway.github.settings import ConnectedRepository, GitHubSettings
from tests.fakes.events import MemoryEvents
from tests.fakes.github import TOKEN, FakeGitHub
from tests.fakes.ledger import memory_ledger
from tests.fakes.objects import MemoryObjects
from tests.fakes.queues import MemoryQueue
from tests.fakes.samples import AT, project_files

REPOSITORY = "octo-org/models"
PAYLOADS = Path(__file__).parents[1] / "events" / "github"
Event = TypeVar("Event", bound=Contract)


def payload(name: str, **changes: Any) -> dict[str, Any]:
    """A recorded payload, of our repository, with some of its fields changed."""
    found: dict[str, Any] = orjson.loads((PAYLOADS / f"{name}.json").read_bytes())
    found["repository"]["full_name"] = REPOSITORY
    return found | changes


def in_folder(folder: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Files, moved into a folder of a repository."""
    return {f"{folder}/{path}": content for path, content in files.items()}


class GitHubWorld:
    """Deliveries are handled when a test says so."""

    def __init__(self, github: FakeGitHub, **settings: Any) -> None:
        self.server = github
        self.repository = github.repository(REPOSITORY)
        self.ledger = memory_ledger()
        self.objects = MemoryObjects()
        self.events = MemoryEvents()
        self.queue = MemoryQueue()
        self.time = datetime.fromisoformat(AT)
        connected = {REPOSITORY: ConnectedRepository(branches=("main",), hook_id=7)}
        self.settings = GitHubSettings.model_validate(
            {"base_url": github.url, "repositories": connected} | settings
        )
        self._numbers = count(1)

    def handling(self, **changes: Any) -> Handling:
        """The outside world of one worker; each has its own connection and memory."""
        given = {
            "ledger": self.ledger,
            "objects": self.objects,
            "events": self.events,
            "github": RestGitHub(GitHubRest(self.server.url, Token(TOKEN))),
            "settings": self.settings,
            "artifacts_bucket": "artifacts",
            "now": self.now,
        }
        return Handling(**(given | changes))

    def now(self) -> str:
        """Each look at the clock is a millisecond later."""
        self.time += timedelta(milliseconds=1)
        return timestamp(self.time)

    def delivery(self, event: str, body: Mapping[str, Any], *, guid: str | None = None) -> Delivery:
        """A verified delivery of a payload."""
        told = read_told(event, body)
        name = guid or f"72d3162e-cc78-11e3-81ab-{next(self._numbers):012d}"
        return read_delivery(told, body, delivery_id=name, received_at=AT)

    def deliver(self, event: str, body: Mapping[str, Any], *, guid: str | None = None) -> EventRecord:
        """Handle a delivery."""
        return handle_delivery(self.delivery(event, body, guid=guid), self.handling())

    def push(self, files: Mapping[str, bytes] | None = None, **more: Any) -> EventRecord:
        """Push to main, and deliver that it was."""
        before = self.repository.branches.get("main", "0" * 40)
        sha = self.repository.push(project_files() if files is None else files)
        return self.deliver("push", payload("push", before=before, after=sha), **more)

    def reconcile(self) -> ReconcileGitHubOutput:
        """Look for what was missed, and handle it."""
        seen = len(self.queue.sent)
        worker = self.handling()
        on = Reconciling(
            ledger=self.ledger,
            github=worker.github,
            settings=self.settings,
            queue=self.queue,
            is_app=False,
            now=self.now,
        )
        found = reconcile_github(on)
        for delivery, _ in self.queue.sent[seen:]:
            assert isinstance(delivery, Delivery)
            handle_delivery(delivery, self.handling())
        return found

    def published(self, kind: type[Event]) -> list[Event]:
        """Events of a kind, in order."""
        return [event for event in self.events.published if isinstance(event, kind)]
