"""A repository on a GitHub of the tests: commits, branches, tags, pull requests, people, deliveries."""

import hashlib
import io
import itertools
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Files = Mapping[str, bytes]
Entry = dict[str, Any]
UPDATED = "2026-11-21T12:00:00Z"


@dataclass
class FakeRepository:
    """What GitHub knows of it."""

    name: str
    commits: dict[str, Files] = field(default_factory=dict)
    archives: dict[str, bytes] = field(default_factory=dict)
    """In place of an archive of the commit's files."""
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    annotated: dict[str, str] = field(default_factory=dict)
    """A tag object's SHA → that of its commit, or of the tag that it stands on."""
    pulls: dict[int, Entry] = field(default_factory=dict)
    changed: dict[int, list[str]] = field(default_factory=dict)
    """Paths that a pull request changes."""
    permissions: dict[str, str] = field(default_factory=dict)
    deliveries: list[Entry] = field(default_factory=list)
    """Oldest first."""
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def commit(self, files: Files) -> str:
        """A new commit, on no branch yet."""
        sha = hashlib.sha1(f"{self.name} {next(self._ids)}".encode(), usedforsecurity=False).hexdigest()
        self.commits[sha] = dict(files)
        return sha

    def push(self, files: Files, branch: str = "main") -> str:
        """A new commit at the tip of a branch."""
        sha = self.commit(files)
        self.branches[branch] = sha
        return sha

    def propose(
        self, files: Files, *, changed: list[str], number: int = 2, head: str | None = "", **more: Any
    ) -> str:
        """A pull request, or a new head of one; `head` is the fork, None one that is gone."""
        sha = self.commit(files)
        repo = None if head is None else {"full_name": head or self.name}
        self.pulls[number] = {
            "number": number,
            "state": "open",
            "draft": False,
            "updated_at": UPDATED,
            "head": {"sha": sha, "ref": "changes", "repo": repo},
            "base": {"sha": "0" * 40, "ref": "main", "repo": {"full_name": self.name}},
            **more,
        }
        self.changed[number] = changed
        return sha

    def archive(self, sha: str) -> bytes:
        """As GitHub packs it: below one folder, with the commit as comment."""
        if sha in self.archives:
            return self.archives[sha]
        top = f"{self.name.replace('/', '-')}-{sha[:7]}/"
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(top, b"")
            for path, content in self.commits[sha].items():
                archive.writestr(top + path, content)
            archive.comment = sha.encode()
        return packed.getvalue()

    def delivered(self, event: str, payload: Any, *, guid: str, status_code: int = 502) -> Entry:
        """An attempt to deliver a webhook, as GitHub lists it."""
        entry = {
            "id": 12345678 + len(self.deliveries),
            "guid": guid,
            "delivered_at": UPDATED,
            "redelivery": False,
            "duration": 0.03,
            "status": "OK" if status_code < 300 else "Bad Gateway",
            "status_code": status_code,
            "event": event,
            "action": payload.get("action"),
            "request": {"headers": {"X-GitHub-Delivery": guid}, "payload": payload},
        }
        self.deliveries.append(entry)
        return entry
