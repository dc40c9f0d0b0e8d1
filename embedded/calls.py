"""Every call that IAM was asked about, written down: who, on whose behalf, what, on what, and the decision.

The tests of least privilege are built on it. One line of JSON for each call in `<state>/calls.jsonl`; root is
never evaluated, so what root does is not there.
"""

import contextlib
import contextvars
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

_FILE = "calls.jsonl"
_ROTATE_BYTES = 64 * 2**20
_FLUSH_SECONDS = 0.5

_by_service: contextvars.ContextVar[bool] = contextvars.ContextVar("made_by_a_service", default=False)
_of_a_resource: contextvars.ContextVar[bool] = contextvars.ContextVar("of_a_resource", default=False)


@dataclass(frozen=True)
class Call:
    """One call, as IAM saw it."""

    at: float
    principal: str
    """ARN of the role's session, or of the user."""
    by_service: bool
    """True for what a service did under a role (state machine → Lambda), False for a request of a client."""
    action: str
    resource: str
    decision: str
    """`Allow`, `Deny` (explicit) or `ImplicitDeny`."""
    context: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """The condition keys of the request, such as `s3:prefix`, so that it can be judged again."""

    @property
    def role_name(self) -> str:
        """The role's name; empty for users."""
        return self.principal.split("/")[1] if ":assumed-role/" in self.principal else ""

    @property
    def allowed(self) -> bool:
        """Whether the identity's policies allowed it."""
        return self.decision == "Allow"


def read(state_dir: Path, *, since: float = 0.0) -> list[Call]:
    """The calls on record, oldest first, from the moment `since` (seconds since 1970)."""
    found: list[Call] = []
    for path in (state_dir / f"{_FILE}.1", state_dir / _FILE):
        if path.exists():
            # The last line may be half written.
            lines = [line for line in path.read_text().splitlines() if line.endswith("}")]
            found += [Call(**json.loads(line)) for line in lines]
    return [call for call in found if call.at >= since]


@contextlib.contextmanager
def made_by_a_service() -> Iterator[None]:
    """Mark the calls evaluated inside as made by a service under a role."""
    token = _by_service.set(True)
    try:
        yield
    finally:
        _by_service.reset(token)


class Recorder:
    """Appends calls to the file, in batches."""

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / _FILE
        self._lock = threading.Lock()
        self._file: IO[str] = self._path.open("a")
        threading.Thread(target=self._keep_flushing, daemon=True, name="calls").start()

    def write(self, call: Call) -> None:
        """Append one call."""
        with self._lock:
            self._file.write(json.dumps(asdict(call), separators=(",", ":"), default=str) + "\n")

    def flush(self) -> None:
        """Bring everything to disk, and start a new file when this one is large."""
        with self._lock:
            self._file.flush()
            if self._file.tell() > _ROTATE_BYTES:
                self._file.close()
                self._path.replace(self._path.with_name(f"{_FILE}.1"))
                self._file = self._path.open("a")

    def _keep_flushing(self) -> None:
        while True:
            time.sleep(_FLUSH_SECONDS)
            self.flush()


def install(state_dir: Path) -> Recorder:
    """Record every evaluation of an identity's policies that MiniStack makes from now on."""
    from ministack.core import iam_evaluator

    recorder = Recorder(state_dir)
    evaluate = iam_evaluator.evaluate
    for name in ("evaluate_resource_policy", "combine_resource_policy"):
        setattr(iam_evaluator, name, _unrecorded(getattr(iam_evaluator, name)))

    def recorded(context: Any, policies: Any, *limits: Any) -> Any:
        result = evaluate(context, policies, *limits)
        if _of_a_resource.get():
            return result
        recorder.write(
            Call(
                at=time.time(),
                principal=context.principal_arn,
                by_service=_by_service.get(),
                action=context.action,
                resource=context.resource_arn,
                decision=result.decision,
                context={**context.service_context, **context.principal_keys},
            )
        )
        return result

    iam_evaluator.evaluate = recorded
    return recorder


def _unrecorded(evaluate_resource: Callable[..., Any]) -> Callable[..., Any]:
    # A bucket's or a queue's policy is evaluated by the same function; what a role may do is not in it.
    def evaluated(*arguments: Any, **named: Any) -> Any:
        token = _of_a_resource.set(True)
        try:
            return evaluate_resource(*arguments, **named)
        finally:
            _of_a_resource.reset(token)

    return evaluated
