"""Lines, endings and stops of one process; lines on their way to a log."""

import subprocess
import sys
import threading
from pathlib import Path

from embedded.log_stream import MAX_LINE, LogStream
from embedded.supervision import Ending, StopSignal, supervise
from tests.fakes.embedded_cloud import FakeCloud, FakeLogs


def run(
    code: str, tmp_path: Path, *, stop: StopSignal | None = None, **limits: float
) -> tuple[Ending, list[str]]:
    lines: list[str] = []
    process = FakeCloud(tmp_path).spawn(
        [sys.executable, "-uc", code], env={}, cwd=tmp_path, stdout=subprocess.PIPE
    )
    return supervise(process, on_line=lines.append, stop=stop or StopSignal(), **limits), lines


def test_lines_and_exit_code_are_those_of_the_process(tmp_path: Path) -> None:
    """Standard error is among the lines; the last one needs no end."""
    code = "import sys; print('out'); sys.stderr.write('err\\nend'); sys.exit(3)"
    assert run(code, tmp_path) == (Ending(3), ["out", "err", "end"])


def test_a_process_that_asks_for_it_may_end_orderly(tmp_path: Path) -> None:
    """SIGTERM comes first."""
    code = "import signal, sys, time; signal.signal(15, lambda *_: sys.exit(9)); print('up'); time.sleep(60)"
    assert run(code, tmp_path, timeout=1, grace=10) == (Ending(9, timed_out=True), ["up"])


def test_what_a_process_leaves_behind_does_not_hold_it_up(tmp_path: Path) -> None:
    """A child that keeps the output open is ended with its parent."""
    code = "import subprocess; subprocess.Popen(['sleep', '60']); print('done')"
    assert run(code, tmp_path, timeout=30) == (Ending(0), ["done"])


def test_a_stop_says_why(tmp_path: Path) -> None:
    """The first reason counts."""
    stop = StopSignal()
    threading.Timer(0.2, lambda: (stop.stop("first"), stop.stop("second"))).start()
    ending, _ = run("import time; time.sleep(60)", tmp_path, stop=stop)
    assert (ending.exit_code, ending.stopped) == (143, "first")


def test_all_lines_are_put_before_a_stream_is_closed() -> None:
    """Lines that are too long for one event are cut, none is lost."""
    logs = FakeLogs()
    stream = LogStream(logs, "g", "s").open()
    for line in ("a", "", "x" * (MAX_LINE + 1)):
        stream.write(line)
    stream.close()
    assert logs.lines["s"][:2] == ["a", " "]
    assert "".join(logs.lines["s"][2:]) == "x" * (MAX_LINE + 1)
