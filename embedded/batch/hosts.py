"""The hosts that jobs run on, as far as tests take them away: no capacity, and Spot interruptions.

    hosts.reclaim(state_dir, job_id)                          the host of a running job is interrupted
    hosts.lack(state_dir, "pool", instance_type="g5.xlarge")  the environment gets no instances any more
    hosts.lack(state_dir, "pool", instance_type=None)         and now it does

What Batch then says: https://docs.aws.amazon.com/batch/latest/userguide/job_retries.html (`Host EC2*`) and
https://docs.aws.amazon.com/batch/latest/userguide/job_stuck_in_runnable_capacity.html.
"""

import hashlib
import json
import ssl
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

# Not Batch's: signed requests for it come to the same place.
PATH = "/v1/hosts-of-the-laptop"
# ECS says this of a task on Fargate Spot:
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
SPOT_TASK = "Your Spot Task was interrupted."
_AS_BATCH = (
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/batch/aws4_request, SignedHeaders=host, Signature=0"
)

Answer = tuple[int, dict[str, str], bytes]


class Scheduling(Protocol):
    """What of the scheduler is needed."""

    def reclaim(self, job_id: str) -> None:
        """Take the host of a running job away."""

    def lack(self, environment: str, instance_type: str | None) -> None:
        """Have an environment find no instances of a type, or find them again."""


def lost(task_id: str, *, is_fargate: bool) -> str:
    """The status reason of an attempt whose host was taken away."""
    instance = hashlib.sha256(task_id.encode()).hexdigest()[:17]
    return SPOT_TASK if is_fargate else f"Host EC2 (instance i-{instance}) terminated."


def reclaim(state_dir: Path, job_id: str) -> None:
    """Interrupt the host of a job that runs in the cloud of that folder."""
    _put(state_dir, {"reclaim": job_id})


def lack(state_dir: Path, environment: str, *, instance_type: str | None) -> None:
    """Let a compute environment (name or ARN) get no instances; None ends that."""
    _put(state_dir, {"lack": environment, "instanceType": instance_type})


def answering(scheduler: Scheduling, handle: Callable[..., Any]) -> Callable[..., Any]:
    """Batch's handler that also takes requests to this module's path."""

    async def handler(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Answer:
        if path != PATH:
            return await handle(method, path, headers, body, query)  # type: ignore[no-any-return]
        _do(scheduler, json.loads(body))
        return 200, {"content-type": "application/json"}, b"{}"

    return handler


def _do(scheduler: Scheduling, asked: Mapping[str, Any]) -> None:
    if "reclaim" in asked:
        scheduler.reclaim(asked["reclaim"])
    else:
        scheduler.lack(asked["lack"], asked["instanceType"])


def _put(state_dir: Path, asked: Mapping[str, Any]) -> None:
    from embedded import lifecycle

    variables = lifecycle.client_variables(state_dir)
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{variables['AWS_ENDPOINT_URL']}{PATH}",
        data=json.dumps(asked).encode(),
        headers={"Authorization": _AS_BATCH, "Content-Type": "application/json"},
        method="PUT",
    )
    trust = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=variables["AWS_CA_BUNDLE"]))
    urllib.request.build_opener(urllib.request.ProxyHandler({}), trust).open(request, timeout=10).close()
