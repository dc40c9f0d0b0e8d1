"""The record of calls: one line of JSON for each, in `<state>/record.jsonl` and the full files before it."""

import fnmatch
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

import orjson

FILE = "record.jsonl"
ROTATED = 3
"""How many full files are kept beside the one that is written."""

_ROLE = re.compile(r"^arn:aws:sts::\d+:assumed-role/([^/]+)/")
_USER = re.compile(r"^arn:aws:iam::\d+:user/(?:.*/)?([^/]+)$")


Kind = Literal["request", "delivery", "check"]
"""Over the wire; made by a service in here; or only seen as a question to IAM, whatever came of it."""


@dataclass(frozen=True)
class Check:
    """One question that IAM was asked about a call."""

    action: str
    resource: str
    decision: str
    """`Allow`, `Deny` (explicit) or `ImplicitDeny`, by the policies of who calls."""
    principal: str = ""
    """Whom it was asked about; empty: the call's own principal."""
    context: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """The condition keys of the request, such as `s3:prefix`."""


@dataclass(frozen=True)
class Record:
    """One call, of a client over the wire or of a service in here."""

    at: float
    """When it began, in seconds since 1970."""
    duration: float
    """Seconds until the answer."""
    principal: str
    """ARN of the role's session, of the user, or of root."""
    by_service: bool
    """True for what a service did for somebody (state machine → Lambda), False for a client's request."""
    on_behalf_of: str
    """The service that called, such as `states.amazonaws.com`; empty for clients, or where none is known."""
    service: str
    """As policies name it: `states`, `events`, `s3`."""
    operation: str
    resources: tuple[str, ...] = ()
    decision: str = ""
    """`Allow`, `Deny`, `ImplicitDeny`, `Root` (may do all), or empty: IAM was not asked."""
    status: int | None = None
    """Of the HTTP answer; None for what went on inside, and where no answer was given."""
    error: str = ""
    """The error code of the answer."""
    request_id: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """Without secrets."""
    fault: str = ""
    """The name of the plan's entry that was injected."""
    fault_action: str = ""
    """What the fault did: `lost_answer` and so on."""
    checks: tuple[Check, ...] = ()
    kind: Kind = "request"

    @property
    def caller(self) -> str:
        """The name of the role or the user, or `root`; empty where nobody is known."""
        return name_of(self.principal)

    @property
    def was_denied(self) -> bool:
        """Whether IAM refused it."""
        return self.decision in ("Deny", "ImplicitDeny")


_FIELDS = frozenset(each.name for each in fields(Record))


def name_of(principal: str) -> str:
    """The name of the role or the user that an ARN is of, or `root`."""
    match = _ROLE.match(principal) or _USER.match(principal)
    return match[1] if match else "root" if principal.endswith(":root") else ""


def callers(principal: str, on_behalf_of: str) -> tuple[str, ...]:
    """All names of who calls: ARN, role or user, and the service that called."""
    return tuple(name for name in (principal, name_of(principal), on_behalf_of) if name)


@dataclass(frozen=True)
class Selection:
    """Which records are wanted; what is empty selects all. Names may be globs."""

    since: float = 0.0
    role: str = "*"
    service: str = "*"
    operation: str = "*"
    denied: bool = False

    def takes(self, record: Record) -> bool:
        """Whether a record is wanted."""
        return (
            record.at >= self.since
            and (record.was_denied or not self.denied)
            and fnmatch.fnmatchcase(record.service, self.service)
            and fnmatch.fnmatchcase(record.operation, self.operation)
            and (self.role == "*" or self._is_caller(record))
        )

    def _is_caller(self, record: Record) -> bool:
        return any(
            fnmatch.fnmatchcase(name, self.role) for name in callers(record.principal, record.on_behalf_of)
        )


def files(state_dir: Path) -> Sequence[Path]:
    """The files of the record, oldest first."""
    rotated = [state_dir / f"{FILE}.{number}" for number in range(ROTATED, 0, -1)]
    return [path for path in (*rotated, state_dir / FILE) if path.exists()]


def read(state_dir: Path, selection: Selection | None = None) -> Iterator[Record]:
    """The records of a state folder, in the order in which the calls ended."""
    wanted = selection or Selection()
    for path in files(state_dir):
        with path.open("rb") as file:
            # The last line may be half written.
            found = (load(line) for line in file if line.endswith(b"\n"))
            yield from (record for record in found if wanted.takes(record))


def dump(record: Record) -> bytes:
    """A record as a line."""
    return orjson.dumps(record, default=str, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS)


def load(line: bytes) -> Record:
    """A record from a line; what another version has written in it besides is left out."""
    values = {name: value for name, value in orjson.loads(line).items() if name in _FIELDS}
    checks = tuple(Check(**each) for each in values.pop("checks"))
    return Record(**values | {"resources": tuple(values["resources"]), "checks": checks})
