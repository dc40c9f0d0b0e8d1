"""Which answers of MLflow are asked for again, and how often something is created."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from sluiceway.errors import ServiceUnavailable
from sluiceway.gateways.mlflow_rest import MlflowRest


@contextmanager
def server(*answers: int) -> Iterator[tuple[MlflowRest, list[str]]]:
    """MLflow that gives these statuses one after the other; 0 is none. And what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            status = answers[len(asked)]
            asked.append(self.path.rpartition("mlflow/")[2])
            if status:
                self.send_response(status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    listening = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    try:
        yield MlflowRest(f"http://127.0.0.1:{listening.server_port}"), asked
    finally:
        listening.shutdown()
        listening.server_close()


@pytest.mark.parametrize("failure", [0, 408, 429, 500, 502, 503, 504])
def test_what_may_be_done_twice_is_asked_for_again(failure: int) -> None:
    """A job would fail of one stray answer, after hours of training."""
    with server(failure, 200) as (rest, asked):
        assert rest.post("runs/update", {}) == {}
        assert asked == ["runs/update"] * 2


@pytest.mark.parametrize("failure", [0, 500, 503])
def test_what_is_made_anew_each_time_is_asked_for_once(failure: int) -> None:
    """It may have been made: its caller looks before it asks again."""
    with server(failure) as (rest, asked):
        with pytest.raises(ServiceUnavailable):
            rest.create("runs/create", {})
        assert asked == ["runs/create"]
