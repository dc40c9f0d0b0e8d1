"""The hook's own endpoint: plans in and out, and the record brought to disk."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from embedded.hook import plan
from embedded.hook.hook import Hook

PREFIX = "/_sluice/"
FAULTS, RECORD, SWITCH = f"{PREFIX}faults", f"{PREFIX}record", f"{PREFIX}hook"

Answer = tuple[int, Mapping[str, Any]]


def answer(hook: Hook, method: str, path: str, body: bytes) -> Answer:
    """Do what a request asks for."""
    act = _ACTS.get((method, path))
    return act(hook, body) if act else (404, {"error": f"there is no {method} {path}"})


def _apply(hook: Hook, body: bytes) -> Answer:
    try:
        hook.apply(plan.parse(json.loads(body or b"null")))
    except (plan.PlanError, ValueError) as error:
        return 400, {"error": str(error)}
    return 200, hook.status()


def _clear(hook: Hook, _body: bytes) -> Answer:
    last = hook.status()
    hook.clear()
    return 200, last


def _flush(hook: Hook, _body: bytes) -> Answer:
    hook.flush()
    return 200, {}


def _switch(hook: Hook, body: bytes) -> Answer:
    hook.is_on = bool(json.loads(body)["on"])
    return 200, {"on": hook.is_on}


_ACTS: Mapping[tuple[str, str], Callable[[Hook, bytes], Answer]] = {
    ("GET", FAULTS): lambda hook, _body: (200, hook.status()),
    ("PUT", FAULTS): _apply,
    ("DELETE", FAULTS): _clear,
    ("PUT", RECORD): _flush,
    ("PUT", SWITCH): _switch,
}
