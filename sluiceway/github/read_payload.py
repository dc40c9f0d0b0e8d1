"""Reads a verified payload: what of it is used, as GitHub documents it ("Webhook events and payloads").

GitHub adds fields without notice, and sends events that nobody here waits for: both are let be.
"""

import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

from sluiceway.github.commands import LONGEST_INPUT, LONGEST_LINE
from sluiceway.github.contracts import (
    CommentTold,
    DispatchTold,
    PullRequestTold,
    PushTold,
    ReleaseTold,
    Told,
)

COMMAND = "/sluice"
EDITED = "edited"
"""A pull request's title, text, or the branch that it is proposed for."""
SHOWN_AS_CODE = re.compile(r" {0,3}\t| {4}")
INPUTS = frozenset({"project", "dataset", "code", "parameters", "step", "force"})
"""Names of a dispatch's inputs that mean something here."""


class IgnoredPayload(Exception):
    """A payload that nothing follows from; the message says why."""


class _Payload(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class _Account(_Payload):
    login: str = ""


class _Repository(_Payload):
    full_name: str


class Envelope(_Payload):
    """What every payload that we use has."""

    repository: _Repository
    sender: _Account | None = None


class _Push(_Payload):
    ref: str
    before: str
    after: str


class _Numbered(_Payload):
    number: int


class _Changes(_Payload):
    base: dict[str, Any] | None = None


class _PullRequest(_Payload):
    action: str
    number: int
    changes: _Changes | None = None


class _ReleaseFields(_Payload):
    id: int
    tag_name: str


class _Release(_Payload):
    action: str
    release: _ReleaseFields


class _WorkflowDispatch(_Payload):
    workflow: str
    ref: str
    inputs: dict[str, Any] | None = None


class _RepositoryDispatch(_Payload):
    action: str
    branch: str | None = None
    client_payload: dict[str, Any] | None = None


class _Issue(_Numbered):
    pull_request: dict[str, Any] | None = None


class _CommentFields(_Payload):
    id: int
    body: str | None = None
    user: _Account | None = None
    """None: the account is gone."""


class _Comment(_Payload):
    action: str
    issue: _Issue
    comment: _CommentFields


Body = TypeVar("Body", bound=_Payload)
Reader = Callable[[Mapping[str, Any]], Told]


def read_told(event: str, payload: Mapping[str, Any]) -> Told:
    """What a payload tells; raises `IgnoredPayload`, or pydantic's `ValidationError`."""
    reader = READERS.get(event)
    if reader is None:
        raise IgnoredPayload(f"nothing follows from the event {event}")
    return reader(payload)


def _push(payload: Mapping[str, Any]) -> Told:
    found = _Push.model_validate(payload)
    return PushTold(ref=found.ref, before=found.before, after=found.after)


def _pull_request(payload: Mapping[str, Any]) -> Told:
    found = _PullRequest.model_validate(payload)
    if found.action == EDITED and (found.changes is None or found.changes.base is None):
        raise IgnoredPayload("only words of a pull request were edited")
    return PullRequestTold(action=found.action, number=found.number)


def _release(payload: Mapping[str, Any]) -> Told:
    found = _Release.model_validate(payload)
    return ReleaseTold(action=found.action, release_id=found.release.id, tag=found.release.tag_name)


def _workflow_dispatch(payload: Mapping[str, Any]) -> Told:
    found = _WorkflowDispatch.model_validate(payload)
    return DispatchTold(name=found.workflow, ref=found.ref, inputs=_inputs(found.inputs))


def _repository_dispatch(payload: Mapping[str, Any]) -> Told:
    found = _RepositoryDispatch.model_validate(payload)
    ref = f"refs/heads/{found.branch}" if found.branch else None
    return DispatchTold(name=found.action, ref=ref, inputs=_inputs(found.client_payload))


def _comment(payload: Mapping[str, Any]) -> Told:
    found = _Comment.model_validate(payload)
    line = _first_line(found.comment.body or "")
    if found.action != "created":
        raise IgnoredPayload("only new comments are commands")
    if line.split(maxsplit=1)[:1] != [COMMAND]:
        raise IgnoredPayload(f"the comment does not start with {COMMAND}")
    return CommentTold(
        comment_id=found.comment.id,
        number=found.issue.number,
        pull_request=found.issue.pull_request is not None,
        author=found.comment.user.login if found.comment.user else "",
        line=line,
    )


READERS: Mapping[str, Reader] = {
    "push": _push,
    "pull_request": _pull_request,
    "release": _release,
    "workflow_dispatch": _workflow_dispatch,
    "repository_dispatch": _repository_dispatch,
    "issue_comment": _comment,
}
"""By `X-GitHub-Event`."""


def _first_line(body: str) -> str:
    """Empty where it is code that somebody shows: four spaces or a tab make it that in Markdown."""
    line = next((line for line in body.splitlines() if line.strip()), "")
    return "" if SHOWN_AS_CODE.match(line) else line.strip()[:LONGEST_LINE]


def _inputs(given: Mapping[str, Any] | None) -> dict[str, str]:
    """Values become text as people write it: GitHub's own inputs are text, a client's payload is any JSON."""
    texts = {name: _text(value) for name, value in (given or {}).items() if name in INPUTS}
    return {name: text for name, text in texts.items() if text}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        pairs = [f"{name}={_text(inner)}" for name, inner in value.items() if not isinstance(inner, dict)]
        return shlex.join(pairs)[:LONGEST_INPUT]
    if isinstance(value, list):
        return shlex.join(_text(each) for each in value if not isinstance(each, dict | list))[:LONGEST_INPUT]
    return str(value)[:LONGEST_INPUT] if isinstance(value, str | int | float) else ""
