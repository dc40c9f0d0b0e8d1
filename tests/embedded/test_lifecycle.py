"""Start, stop, kill and start again: nothing is lost that was saved, and no process is left."""

import contextlib
import json
import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from embedded import lifecycle, snapshots
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


STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
def handler(event, context):
    open(event["mark"], "w").close()
    time.sleep(60)
"""


def test_a_stop_waits_for_nobody(state_dir: Path, tmp_path: Path) -> None:
    """A long poll, an idle connection and a function that ignores SIGTERM are over within five seconds."""
    lifecycle.up(state_dir)
    queues = _queues(state_dir)
    url = queues.create_queue(QueueName="polled")["QueueUrl"]
    polling = threading.Thread(target=_poll, args=(queues, url), daemon=True)
    polling.start()
    running = threading.Thread(target=_invoke, args=(state_dir, tmp_path / "mark"), daemon=True)
    running.start()
    wait_for((tmp_path / "mark").exists)
    pids = [record.pid for record in State(state_dir).running()]
    started = time.monotonic()
    lifecycle.down(state_dir)
    assert time.monotonic() - started < 5
    assert not any(map(start_time, pids))


def _poll(queues: Any, url: str) -> None:
    with contextlib.suppress(Exception):
        queues.receive_message(QueueUrl=url, WaitTimeSeconds=20)


def _invoke(state_dir: Path, mark: Path, *, name: str = "stubborn", kind: str = "RequestResponse") -> None:
    """Call a function that never ends by itself, once it has left a mark."""
    iam, functions = _client("iam", state_dir), _client("lambda", state_dir)
    trusted = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [trusted]})
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    functions.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Handler="code.handler",
        Role=role,
        Code={"ZipFile": zipped({"code.py": STUBBORN})},
        Timeout=60,
    )
    with contextlib.suppress(Exception):
        functions.invoke(FunctionName=name, InvocationType=kind, Payload=json.dumps({"mark": str(mark)}))


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


def test_a_full_disk_refuses_what_it_cannot_keep(state_dir: Path) -> None:
    """With 500, in the open; what was saved before stays whole, and what fits again is taken again."""
    server = lifecycle.up(state_dir).server_pid
    assert server
    parameters, objects = _client("ssm", state_dir), _client("s3", state_dir)
    parameters.put_parameter(Name="/before", Value="kept", Type="String")
    objects.create_bucket(Bucket="full")
    room = (state_dir / "ministack" / "state.db-wal").stat().st_size
    unlimited = resource.prlimit(server, resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    try:
        with pytest.raises(ClientError, match=r"InternalFailure.*was not saved"):
            parameters.put_parameter(Name="/during", Value="x", Type="String")
        with pytest.raises(ClientError, match=r"InternalError|InternalFailure"):
            objects.put_object(Bucket="full", Key="k", Body=b"x" * 2 * room)
        assert parameters.get_parameter(Name="/before")["Parameter"]["Value"] == "kept"
    finally:
        resource.prlimit(server, resource.RLIMIT_FSIZE, unlimited)
    parameters.put_parameter(Name="/after", Value="kept", Type="String")
    _kill(server)
    lifecycle.up(state_dir)
    found = _client("ssm", state_dir).get_parameters(Names=["/before", "/after"])["Parameters"]
    assert [each["Value"] for each in found] == ["kept", "kept"]
    assert "cannot be written" in State(state_dir).cloud_log.with_name("cloud.log.1").read_text()


def test_a_damaged_state_is_named_and_a_snapshot_brings_it_back(state_dir: Path) -> None:
    """The start says which file, and what to do; that helps. Ports stay, so stored URLs hold."""
    first = lifecycle.up(state_dir)
    _queues(state_dir).create_queue(QueueName="in-the-snapshot")
    snapshots.take("whole", state_dir)
    assert lifecycle.status(state_dir).is_up
    _queues(state_dir).create_queue(QueueName="after-the-snapshot")
    lifecycle.down(state_dir)
    (state_dir / "ministack" / "state.db").write_bytes(b"damaged" * 5000)
    with pytest.raises(lifecycle.LifecycleError, match=r"state\.db cannot be read.*sluice local restore"):
        lifecycle.up(state_dir)
    snapshots.restore("whole", state_dir)
    assert lifecycle.up(state_dir).endpoint_url == first.endpoint_url
    urls = _queues(state_dir).list_queues()["QueueUrls"]
    assert any(url.endswith("/in-the-snapshot") for url in urls)
    assert not any(url.endswith("/after-the-snapshot") for url in urls)


def test_two_clouds_run_beside_each_other(state_dir: Path, tmp_path: Path) -> None:
    """Two clones on one machine, started at the same moment."""
    folders = [state_dir, tmp_path / "other"]
    try:
        with ThreadPoolExecutor() as pool:
            found = list(pool.map(lifecycle.up, folders))
        assert found[0].endpoint_url != found[1].endpoint_url
        _queues(folders[1]).create_queue(QueueName="only-there")
        assert not _queues(folders[0]).list_queues(QueueNamePrefix="only-there").get("QueueUrls")
    finally:
        lifecycle.down(folders[1])


def test_an_event_in_flight_at_a_kill_is_delivered_after_it(state_dir: Path, tmp_path: Path) -> None:
    """Lambda accepted it, so it is processed: at least once."""
    server, mark = lifecycle.up(state_dir).server_pid, tmp_path / "mark"
    assert server
    _invoke(state_dir, mark, name="in-flight", kind="Event")
    wait_for(mark.exists)
    _kill(server)
    mark.unlink()
    lifecycle.up(state_dir)
    wait_for(mark.exists)


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: start_time(pid) is None)


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
