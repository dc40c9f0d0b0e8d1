"""Why an entry point failed, from the last lines that it wrote: the exception, and where in the project."""

import re
import signal
from collections.abc import Sequence

_FRAME = re.compile(r'^\s*File "([^"]+)", line (\d+)')
_EXCEPTION = re.compile(r"^[A-Za-z_][\w.]*(Error|Exception|Exit|Interrupt|Warning|Iteration)?(: |$)")
_TRACEBACK = "Traceback (most recent call last):"
OUT_OF_MEMORY = (
    "it was killed, most likely because it needs more memory: raise resources.memory in sluice.yaml"
)


def reason_of(step: str, code: int, tail: Sequence[str], *, stopped: bool) -> str:
    """One sentence that a person can act on."""
    if stopped:
        return f"step {step!r} was asked to stop (its timeout passed, or the job was terminated)"
    if code in (-signal.SIGKILL, 128 + signal.SIGKILL):
        return f"step {step!r}: {OUT_OF_MEMORY}"
    what = _exception(tail) or (tail[-1] if tail else "it wrote nothing")
    return f"step {step!r} ended with {_code(code)}: {what}"


def _exception(tail: Sequence[str]) -> str | None:
    """The last traceback's exception, and the last of its frames that lies in the project."""
    starts = [at for at, line in enumerate(tail) if line.strip() == _TRACEBACK]
    if not starts:
        return None
    lines = tail[starts[-1] + 1 :]
    frames = [found for line in lines if (found := _FRAME.match(line))]
    inside = [frame for frame in frames if not frame[1].startswith("/")] or frames
    words = next((line for line in lines if not line.startswith(" ") and _EXCEPTION.match(line)), None)
    if words is None:
        return None
    return f"{words} ({inside[-1][1]}, line {inside[-1][2]})" if inside else words


def _code(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    return f"signal {signal.Signals(-code).name}"
