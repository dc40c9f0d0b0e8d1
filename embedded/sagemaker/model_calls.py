"""Calls of a container: its answer, or its error in SageMaker's words, and what of it is counted."""

import contextvars
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import urllib3

from embedded.sagemaker.fleet import Lease
from embedded.sagemaker.metrics import Invocation
from embedded.sagemaker.naming import Names, log_group
from embedded.sagemaker.traffic import Traffic
from embedded.wire import ApiError

MAX_PAYLOAD = 25 * 2**20
"""AWS's limit of a body, either way (6 MiB until 2025, which botocore's model still says)."""

received: contextvars.ContextVar[float] = contextvars.ContextVar("received")
"""When the request being answered arrived, on the clock of `time.perf_counter`."""

_MAX_MESSAGE = 8192
_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
_HEADERS = {
    "ContentType": "Content-Type",
    "Accept": "Accept",
    "CustomAttributes": _ATTRIBUTES,
    "InferenceId": "X-Amzn-SageMaker-Inference-Id",
}
_TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container primary. Review the latency "
    "metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
)


@dataclass(frozen=True)
class ModelAnswer:
    """What a container answered with success."""

    body: bytes
    content_type: str | None
    attributes: str | None


class ModelCalls:
    """Calls containers of endpoints, counts that, and words what goes wrong."""

    def __init__(self, names: Names, record: Callable[[Invocation], None]) -> None:
        self._names = names
        self._record = record

    def call(
        self, endpoint: str, lease: Lease, traffic: Traffic, params: Mapping[str, Any], *, seconds: float
    ) -> ModelAnswer:
        """Send `Body`; the answer. Raises ModelError for anything but success, too large answers included."""
        with self.counted(endpoint, lease, traffic) as note:
            try:
                answer = lease.instance.invoke(params["Body"], to_headers(params), seconds=seconds)
            except urllib3.exceptions.HTTPError as error:
                raise self.error(endpoint, 0, reason(error)) from error
            note(answer.status)
        if not 200 <= answer.status < 300 or len(answer.data) > MAX_PAYLOAD:
            raise self.error(endpoint, answer.status, answer.data.decode(errors="replace"))
        headers = answer.headers
        return ModelAnswer(answer.data, headers.get("Content-Type"), headers.get(_ATTRIBUTES))

    @contextmanager
    def counted(self, endpoint: str, lease: Lease, traffic: Traffic) -> Iterator[Callable[[int], None]]:
        """Count what happens inside as one invocation; the function given takes the container's status."""
        started, status = time.perf_counter(), [0]

        def note(found: int) -> None:
            status[0] = found

        try:
            yield note
        finally:
            self._count(endpoint, lease, traffic, status[0], time.perf_counter() - started)

    def error(self, endpoint: str, status: int, text: str) -> ApiError:
        """A ModelError."""
        region, account = self._names.region, self._names.account_id
        kind = "client" if 400 <= status < 500 else "server"
        told = (
            f'with message "{text}"'
            if len(text) <= _MAX_MESSAGE
            else "and could not load the entire response body"
        )
        return ApiError(
            "ModelError",
            f"Received {kind} error ({status}) from primary {told}. See "
            f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#logEventViewer:group="
            f"{log_group(endpoint)} in account {account} for more information.",
            OriginalStatusCode=status,
            OriginalMessage=text[:_MAX_MESSAGE],
            LogStreamArn=self._names.log_group_arn(endpoint),
        )

    def _count(self, endpoint: str, lease: Lease, traffic: Traffic, status: int, spent: float) -> None:
        arrived = received.get(time.perf_counter() - spent)
        overhead = time.perf_counter() - arrived - spent
        variant = lease.instance.variant
        self._record(
            Invocation(
                endpoint=endpoint,
                variant=variant,
                status=status,
                model_seconds=spent,
                overhead_seconds=max(0.0, overhead),
                instances=traffic.capacity(variant),
                config=lease.fleet.config,
                setup_seconds=lease.setup_seconds,
                is_serverless=variant in lease.fleet.pools,
                is_async=lease.fleet.options.asynchronous is not None,
            )
        )


def to_headers(params: Mapping[str, Any]) -> dict[str, str]:
    """What the container gets of a request beside its body."""
    return {header: params[key] for key, header in _HEADERS.items() if key in params}


def answered(answer: ModelAnswer, variant: str) -> dict[str, Any]:
    """The members of InvokeEndpoint's answer."""
    return {
        "Body": answer.body,
        "ContentType": answer.content_type,
        "InvokedProductionVariant": variant,
        "CustomAttributes": answer.attributes,
    }


def reason(error: urllib3.exceptions.HTTPError) -> str:
    """Why there was no answer."""
    return _TIMED_OUT if isinstance(error, urllib3.exceptions.TimeoutError) else str(error)
