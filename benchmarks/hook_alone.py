"""What the hook costs by itself: around an application that answers fixed bytes, with it and without it.

python -m benchmarks.hook_alone

One DynamoDB PutItem by root. Prints microseconds until the answer, and until the record is made, which comes
after it; there is no network and no service in it, so that a busy machine disturbs it little.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from embedded.hook import gate, world
from embedded.hook.hook import Hook
from embedded.hook.plan import Action, Fault, FaultPlan

_CALLS = 3_000
_CREDENTIAL = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request"
_HEADERS = {"x-amz-target": "DynamoDB_20120810.PutItem", "authorization": _CREDENTIAL}
_ITEM = {"pk": {"S": "run#1"}, "state": {"S": "RUNNING"}, "note": {"S": "x" * 200}}
_BODY = json.dumps({"TableName": "ledger", "Item": _ITEM}).encode()
_OTHER = Fault(name="of another table", resource="*table/other", action=Action.THROTTLE)


def main() -> None:
    """Measure each state of the hook twice, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        hook = Hook(Path(folder), catalog=world.catalog(), world=world.MiniStackWorld())
        application = _application(hook)
        for name, switch in [*_states(hook).items()] * 2:
            switch()
            answered, done = asyncio.run(_measure(application))
            sys.stdout.write(f"{name:12} {answered:6.1f} µs to the answer, {done:6.1f} µs in all\n")


def _states(hook: Hook) -> dict[str, Callable[[], None]]:
    def set_to(is_on: bool, plan: FaultPlan) -> None:
        hook.is_on = is_on
        if plan.faults:
            hook.apply(plan)
        else:
            hook.clear()

    none = FaultPlan(faults=())
    return {
        "without": lambda: set_to(False, none),
        "with": lambda: set_to(True, none),
        "with a plan": lambda: set_to(True, FaultPlan(faults=(_OTHER,))),
    }


def _application(hook: Hook) -> gate.Gate:
    async def special(*_: Any, **__: Any) -> None:
        return None

    async def serve(*_: Any) -> tuple[int, dict[str, str], bytes]:
        return 200, {}, b"{}"

    app = SimpleNamespace(_handle_special_data_plane_request=special, _dispatch_service_request=serve)
    gate.wrap_dispatch(app, hook)

    async def asgi(_scope: Any, _receive: Any, send: Any) -> None:
        request = ("POST", "/", _HEADERS, _BODY, {}, "id")
        await app._handle_special_data_plane_request(*request)
        status, _, body = await app._dispatch_service_request(*request)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})

    return gate.Gate(asgi, hook)


async def _measure(application: gate.Gate) -> tuple[float, float]:
    moments: list[float] = []

    async def send(_message: Any) -> None:
        moments.append(time.perf_counter())

    async def receive() -> Any:
        return None

    answered, done = [], []
    for _ in range(_CALLS):
        started = time.perf_counter()
        await application({"type": "http", "method": "POST", "path": "/"}, receive, send)
        done.append(time.perf_counter() - started)
        answered.append(moments[-1] - started)
    return statistics.median(answered) * 1e6, statistics.median(done) * 1e6


if __name__ == "__main__":
    main()
