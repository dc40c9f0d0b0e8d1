"""Start, stop, kill and start again: nothing is lost that was saved, and no process is left."""

import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from embedded import lifecycle
from embedded.cloud import ROOT_CREDENTIALS
from embedded.processes import start_time
from embedded.state import State
from tests.embedded.conftest import wait_for, zipped

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for a cloud, which the tests of this module start and stop."""
    folder = tmp_path_factory.mktemp("lifecycle")
    yield folder
    lifecycle.down(folder)


def _queues(state_dir: Path) -> Any:
    return _client("sqs", state_dir)


def _client(service: str, state_dir: Path) -> Any:
    variables = lifecycle.client_variables(state_dir)
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        verify=variables["AWS_CA_BUNDLE"],
        region_name=variables["AWS_REGION"],
        aws_access_key_id=ROOT_CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=ROOT_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )


def test_what_was_there_at_a_stop_is_there_after_it(state_dir: Path) -> None:
    """An orderly stop saves every service's state; ports stay the same, so that stored URLs hold."""
    first = lifecycle.up(state_dir)
    assert first.is_up
    _queues(state_dir).create_queue(QueueName="kept")
    layer = zipped({"python/data.txt": "".join(map(str, range(50_000)))})
    _client("lambda", state_dir).publish_layer_version(LayerName="kept", Content={"ZipFile": layer})
    pids = [record.pid for record in State(state_dir).running()]
    lifecycle.down(state_dir)
    assert not any(map(start_time, pids))
    second = lifecycle.up(state_dir)
    assert second.endpoint_url == first.endpoint_url
    assert _queues(state_dir).get_queue_url(QueueName="kept")
    found = _client("lambda", state_dir).get_layer_version(LayerName="kept", VersionNumber=1)
    assert found["Content"]["CodeSize"] == len(layer)


def test_a_stop_waits_for_nobody(state_dir: Path) -> None:
    """A long poll in flight does not hold up the end; nor would a function or a job."""
    lifecycle.up(state_dir)
    queues = _queues(state_dir)
    url = queues.create_queue(QueueName="polled")["QueueUrl"]
    poll = threading.Thread(target=_poll, args=(queues, url), daemon=True)
    poll.start()
    started = time.monotonic()
    lifecycle.down(state_dir)
    assert time.monotonic() - started < 10


def _poll(queues: Any, url: str) -> None:
    with contextlib.suppress(Exception):
        queues.receive_message(QueueUrl=url, WaitTimeSeconds=20)


def test_up_finds_a_running_one(state_dir: Path) -> None:
    """Starting twice is starting once."""
    assert lifecycle.up(state_dir).server_pid == lifecycle.up(state_dir).server_pid


def test_a_killed_server_leaves_no_orphan(state_dir: Path) -> None:
    """The guardian ends what the server started, and the next start works."""
    server = lifecycle.up(state_dir).server_pid
    assert server
    pids = [record.pid for record in State(state_dir).running()]
    assert len(pids) > 1
    os.kill(server, signal.SIGKILL)
    wait_for(lambda: not any(map(start_time, pids)))
    assert lifecycle.up(state_dir).is_up


def test_a_taken_port_is_named(state_dir: Path) -> None:
    """Another program on the port that the stacks remember: the message names it and says what to do."""
    lifecycle.up(state_dir)
    lifecycle.down(state_dir)
    ports = State(state_dir).ports()
    assert ports
    with socket.create_server(("127.0.0.1", ports.cloud)), pytest.raises(lifecycle.LifecycleError) as error:
        lifecycle.up(state_dir)
    assert str(ports.cloud) in str(error.value)
    assert "End that program" in str(error.value)
