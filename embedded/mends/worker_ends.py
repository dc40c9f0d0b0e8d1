"""How a function's process ended, in the words of AWS's runtime; and an end for one that never gets ready.

MiniStack waits for ever for a function's initialization, and says of every end that the worker died.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

import signal
import subprocess
import threading
from collections.abc import Mapping
from typing import Any

DIED = "Worker process died"
_INIT_SECONDS = 10
_END_SECONDS = 3.0


class Ended(RuntimeError):
    """A process that ended, or was ended, before it was ready."""


def wait_until_ready(process: "subprocess.Popen[str]", config: Mapping[str, Any]) -> None:
    """Read the line that says ready; Ended where none comes.

    AWS gives the initialization 10 s, then tries it once more within the function's own time.
    """
    timeout = int(config.get("Timeout", 3))
    lines: list[str] = []

    def read() -> None:
        if process.stdout:
            lines.append(process.stdout.readline())

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(_INIT_SECONDS + timeout)
    if reader.is_alive():
        process.kill()
        raise Ended(f"Task timed out after {timeout}.00 seconds")
    if not lines[0]:
        raise Ended(explain(process))


def explain(process: "subprocess.Popen[Any]") -> str:
    """How a process ended."""
    try:
        code = process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        return "Runtime exited without providing a reason"
    if code == 0:
        return "Runtime exited without providing a reason"
    if code < 0:
        return f"Runtime exited with error: signal: {_name(-code)}"
    return f"Runtime exited with error: exit status {code}"


def _name(number: int) -> str:
    """A signal as the runtime names it: `killed`, `segmentation fault`."""
    try:
        return (signal.strsignal(number) or str(number)).lower()
    except ValueError:
        return str(number)
