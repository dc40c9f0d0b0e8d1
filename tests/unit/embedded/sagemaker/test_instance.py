"""A container is a process: its health, its lines, its end."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from embedded.sagemaker.instance import Instance, Launch, UnhealthyError
from embedded.sagemaker.usage import UsageMeter

SERVER = """
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536
    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
        self.close_connection = self.command == "POST"
    do_GET = do_POST = answer
    def log_message(self, *_):
        pass
print("ready", flush=True)
port = int(os.environ["SAGEMAKER_BIND_TO_PORT"])
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


class Spawner:
    """Starts processes, as the cloud does."""

    def spawn(
        self, argv: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path, stdout: int | None
    ) -> "subprocess.Popen[Any]":
        return subprocess.Popen(
            [str(each) for each in argv],
            env=env,
            cwd=cwd,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            process_group=0,
        )


def started(source: str, folder: Path, on_line: Callable[[str], None]) -> Instance:
    instance = Instance("main")
    launch = Launch(
        [sys.executable, "-c", source], dict(os.environ), folder, on_line, lambda: on_line("(ended)")
    )
    instance.start(Spawner(), launch)
    return instance


def test_a_container_answers_until_it_is_stopped(tmp_path: Path) -> None:
    """Also when it closes kept connections, which it may at any moment."""
    lines: list[str] = []
    instance = started(SERVER, tmp_path, lines.append)
    instance.wait_until_healthy(20)
    assert [instance.invoke(b"x", {}).data for _ in range(5)] == [b"ok"] * 5
    assert instance.pid is not None
    assert UsageMeter().measure(instance.pid).keys() <= {"MemoryUtilization"}
    instance.stop()
    assert not instance.is_alive
    assert lines == ["ready", "(ended)"]


def test_a_container_that_ends_is_unhealthy_at_once(tmp_path: Path) -> None:
    """Long before the time runs out in which it may come up, and with its last words."""
    lines: list[str] = []
    instance = started("raise SystemExit('no model')", tmp_path, lines.append)
    with pytest.raises(UnhealthyError):
        instance.wait_until_healthy(60)
    instance.stop()
    assert lines == ["no model", "(ended)"]


def test_a_container_that_never_answers_is_unhealthy_in_the_end(tmp_path: Path) -> None:
    """When its time has run out."""
    instance = started("import time; time.sleep(60)", tmp_path, lambda _line: None)
    with pytest.raises(UnhealthyError):
        instance.wait_until_healthy(0.2)
    instance.stop()
    assert not instance.is_alive
