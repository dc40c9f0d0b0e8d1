"""The hook around an application: what is on record of a request, and what a fault does to it."""

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from embedded.hook import gate, record
from embedded.hook.hook import Hook
from embedded.hook.inflight import current
from embedded.hook.operations import Catalog
from embedded.hook.plan import Action, Fault, FaultPlan
from embedded.hook.record import Check, Record

_ROLE = "arn:aws:sts::1:assumed-role/PlanRun/s"


class _World:
    def service(self, call: Any) -> str:
        return "dynamodb"

    def resources(self, service: str, call: Any) -> tuple[str, ...]:
        return ("arn:aws:dynamodb:::table/ledger",)

    def principal(self, headers: Any, query: Any) -> str:
        return "arn:aws:iam::1:root"


@dataclass
class _Stream:
    """What the server has of a connection: `send` is bound to it."""

    stream_id: int = 1
    messages: list[Any] = field(default_factory=list)
    closed: list[Any] = field(default_factory=list)

    async def app_send(self, message: Any) -> None:
        self.messages.append(message)

    async def send(self, event: Any) -> None:
        self.closed.append(type(event).__name__)


@dataclass
class _Cloud:
    """A cloud of one service that counts what it does."""

    hook: Hook
    done: int = 0
    checks: tuple[Check, ...] = ()

    def __post_init__(self) -> None:
        app = SimpleNamespace(
            _handle_special_data_plane_request=self._special, _dispatch_service_request=self._serve
        )
        gate.wrap_dispatch(app, self.hook)
        self.app, self.gate = app, gate.Gate(self._asgi, self.hook)

    async def _special(self, *_: Any, **__: Any) -> None:
        return None

    async def _serve(self, *_: Any) -> Any:
        self.done += 1
        found = current.get()
        if found:
            found.checks.extend(self.checks)
        return 200, {}, b"{}"

    async def _asgi(self, scope: Any, receive: Any, send: Any) -> None:
        headers = {"x-amz-target": "DynamoDB_20120810.PutItem", **scope.get("own", {})}
        request = ("POST", "/", headers, b'{"TableName": "ledger"}', {}, "id-1")
        answer = await self.app._handle_special_data_plane_request(*request)
        status, _, body = answer or await self.app._dispatch_service_request(*request)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})

    def call(self, **headers: str) -> _Stream:
        """Make a call; what the connection saw."""
        stream = _Stream()
        scope = {"type": "http", "method": "POST", "path": "/", "own": headers}
        asyncio.run(self.gate(scope, _nothing, stream.app_send))
        return stream


async def _nothing() -> dict[str, Any]:
    return {"type": "http.request", "body": b""}


def _cloud(tmp_path: Path, *faults: Fault, **values: Any) -> _Cloud:
    hook = Hook(tmp_path, catalog=Catalog(), world=_World(), kill=lambda: None)
    hook.apply(FaultPlan(faults=faults))
    return _Cloud(hook, **values)


def _records(cloud: _Cloud, tmp_path: Path) -> list[Record]:
    cloud.hook.flush()
    return list(record.read(tmp_path))


def test_a_call_of_root_is_on_record(tmp_path: Path) -> None:
    """IAM is not asked about root; the record has it all the same."""
    cloud = _cloud(tmp_path)
    cloud.call()
    (found,) = _records(cloud, tmp_path)
    assert (found.service, found.operation, found.caller, found.decision) == (
        "dynamodb",
        "PutItem",
        "root",
        "Root",
    )
    assert (found.status, found.request_id, found.parameters) == (200, "id-1", {"TableName": "ledger"})
    assert found.resources == ("arn:aws:dynamodb:::table/ledger",)
    assert found.duration > 0


def test_a_call_says_who_made_it_and_for_whom(tmp_path: Path) -> None:
    """Role and service, by what IAM was asked and by what the request says."""
    check = Check("dynamodb:PutItem", "arn:t", "Allow", _ROLE)
    cloud = _cloud(tmp_path, checks=(check,))
    cloud.call(**{"user-agent": "Boto3 sluice-on-behalf-of/states.amazonaws.com"})
    (found,) = _records(cloud, tmp_path)
    assert (found.caller, found.on_behalf_of, found.by_service) == ("PlanRun", "states.amazonaws.com", True)
    assert (found.decision, found.resources, found.checks) == ("Allow", ("arn:t",), (check,))


def test_a_failure_before_keeps_the_call_from_being_served(tmp_path: Path) -> None:
    """Nothing is done, and the error that the plan names is answered."""
    cloud = _cloud(tmp_path, Fault(name="f", action=Action.FAIL_BEFORE, code="Boom", status=503))
    stream = cloud.call()
    assert cloud.done == 0
    assert stream.messages[0]["status"] == 503
    assert json.loads(stream.messages[1]["body"])["__type"] == "Boom"
    assert [(each.fault, each.fault_action, each.error) for each in _records(cloud, tmp_path)] == [
        ("f", "fail_before", "Boom")
    ]


def test_a_failure_after_comes_when_all_is_done(tmp_path: Path) -> None:
    """The caller believes in a failure."""
    cloud = _cloud(tmp_path, Fault(name="f", action=Action.FAIL_AFTER))
    assert cloud.call().messages[0]["status"] == 500
    assert cloud.done == 1


def test_a_lost_answer_closes_the_connection_when_all_is_done(tmp_path: Path) -> None:
    """Not a byte is answered; the next call is served as ever."""
    cloud = _cloud(tmp_path, Fault(name="f", action=Action.LOST_ANSWER, nth=1))
    lost, next_one = cloud.call(), cloud.call()
    assert (cloud.done, lost.messages, lost.closed) == (2, [], ["StreamClosed"])
    assert (next_one.messages[0]["status"], next_one.closed) == (200, [])
    assert [each.status for each in _records(cloud, tmp_path)] == [None, 200]


class _Killed(Exception):
    pass


@pytest.mark.parametrize(("moment", "done"), [("before", 0), ("after", 1)])
def test_a_kill_is_on_disk_before_it_strikes(tmp_path: Path, moment: Any, done: int) -> None:
    """Before the call is served, or after it is done and before it is answered."""
    cloud = _cloud(tmp_path, Fault(name="cut", action=Action.KILL, moment=moment))

    def kill() -> None:
        raise _Killed([(each.fault, each.status) for each in record.read(tmp_path)])

    cloud.hook.faults.kill = kill
    with pytest.raises(_Killed) as caught:
        cloud.call()
    assert (cloud.done, caught.value.args) == (done, ([("cut", None)],))


def test_a_plan_is_put_in_force_and_taken_out_over_the_wire(tmp_path: Path) -> None:
    """It holds when the answer is there; a plan that is none is refused with the reason."""
    cloud = _cloud(tmp_path)
    plan = {"faults": [{"name": "f", "action": "throttle"}]}
    assert _administer(cloud, "PUT", plan)[0] == 200
    assert cloud.call().messages[0]["status"] == 400
    counted = {"name": "f", "action": "throttle", "matched": 1, "injected": 1}
    assert _administer(cloud, "GET") == (200, {"active": True, "faults": [counted]})
    assert _administer(cloud, "DELETE") == (200, {"active": True, "faults": [counted]})
    assert cloud.call().messages[0]["status"] == 200
    assert _administer(cloud, "PUT", {"faults": 1})[0] == 400


def test_switched_off_the_hook_does_nothing(tmp_path: Path) -> None:
    """What it costs can be measured."""
    cloud = _cloud(tmp_path, Fault(name="f", action=Action.THROTTLE))
    cloud.hook.is_on = False
    assert cloud.call().messages[0]["status"] == 200
    assert _records(cloud, tmp_path) == []


def _administer(cloud: _Cloud, method: str, value: Any = None) -> tuple[int, Any]:
    stream, body = _Stream(), json.dumps(value).encode()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    scope = {"type": "http", "method": method, "path": "/_sluice/faults"}
    asyncio.run(cloud.gate(scope, receive, stream.app_send))
    return stream.messages[0]["status"], json.loads(stream.messages[1]["body"])
