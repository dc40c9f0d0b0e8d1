"""Calls of a transform job's containers.

Source: "Use Your Own Inference Code with Batch Transform": `/invocations`, `/execution-parameters`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3

from embedded.sagemaker.instance import Instance
from embedded.sagemaker.transform.requests import Plan

_DEFAULT_PAYLOAD_MB = 6


class CallError(Exception):
    """A container that did not answer with success; `is_server` unless it blamed the request."""

    def __init__(self, message: str, *, is_server: bool) -> None:
        super().__init__(message)
        self.is_server = is_server


@dataclass(frozen=True)
class Limits:
    """How much a container is sent at once."""

    payload_bytes: int
    at_once: int
    strategy: str


def limits_of(plan: Plan, instance: Instance) -> Limits:
    """What the request says, else what the container says, else SageMaker's defaults."""
    needs = None in (plan.payload_bytes, plan.at_once, plan.strategy)
    told = _parameters(instance) if needs else {}
    payload = plan.payload_bytes or told.get("MaxPayloadInMB", _DEFAULT_PAYLOAD_MB) * 2**20
    return Limits(
        payload_bytes=payload,
        at_once=plan.at_once or told.get("MaxConcurrentTransforms", 1),
        strategy=plan.strategy or told.get("BatchStrategy", "MultiRecord"),
    )


def ask(instance: Instance, plan: Plan, payload: bytes) -> bytes:
    """The answer to one payload, tried again while the container fails. Raises CallError."""
    given = {"Content-Type": plan.content_type, "Accept": plan.accept}
    headers = {name: value for name, value in given.items() if value}
    for attempt in range(plan.retries + 1):
        try:
            return _ask_once(instance, plan, payload, headers)
        except CallError as error:
            if attempt == plan.retries or not error.is_server:
                raise
    raise AssertionError("unreachable")


def _ask_once(instance: Instance, plan: Plan, payload: bytes, headers: Mapping[str, str]) -> bytes:
    try:
        answer = instance.invoke(payload, headers, seconds=plan.timeout_seconds)
    except urllib3.exceptions.HTTPError as error:
        raise CallError(f"no answer from the algorithm: {error}", is_server=True) from error
    if not 200 <= answer.status < 300:
        is_client = 400 <= answer.status < 500
        raise CallError(f"Bad HTTP status received from algorithm: {answer.status}", is_server=not is_client)
    return answer.data


def _parameters(instance: Instance) -> dict[str, Any]:
    answer = instance.ask("/execution-parameters")
    if answer is None or answer.status != 200:
        return {}
    try:
        found = json.loads(answer.data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
