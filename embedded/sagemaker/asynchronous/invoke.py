"""InvokeEndpointAsync: puts a request into its endpoint's queue.

Source: the API reference of the operation, and of `AsyncInferenceOutputConfig`.
"""

import base64
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from embedded.sagemaker.asynchronous.queue import Queue, Request
from embedded.sagemaker.clock import Clock
from embedded.sagemaker.records import EndpointRecord
from embedded.wire import ApiError, Caller, Operation

_TTL_SECONDS, _TIMEOUT_SECONDS = 21_600, 900
_MAX_INLINE = 128_000


class AsyncInvocations:
    """The operation of the runtime that does not wait."""

    def __init__(
        self,
        serving: Callable[[str], EndpointRecord],
        queue: Queue,
        clock: Clock,
        wake: Callable[[], None],
    ) -> None:
        self._serving = serving
        self._queue = queue
        self._clock = clock
        self._wake = wake

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {"InvokeEndpointAsync": self._invoke}

    def _invoke(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        record = self._serving(params["EndpointName"])
        config = record.options.asynchronous
        if config is None:
            raise _refused(f"Endpoint {record.name} has no asynchronous inference: invoke it directly.")
        request = self._request(params, config["OutputConfig"])
        self._queue.add(request)
        self._wake()
        return {
            "InferenceId": request.inference_id,
            "OutputLocation": request.output_location,
            "FailureLocation": request.failure_location,
        }

    def _request(self, params: Mapping[str, Any], output: Mapping[str, Any]) -> Request:
        body = params.get("Body") or None
        if (body is None) == ("InputLocation" not in params):
            raise _refused("Provide exactly one of InputLocation and Body.")
        if body and len(body) > _MAX_INLINE:
            raise _refused(f"Body must be at most {_MAX_INLINE} bytes.")
        name, extension = str(uuid.uuid4()), params.get("S3OutputPathExtension", "")
        failure = output.get("S3FailurePath")
        return Request(
            number=self._queue.number(),
            endpoint=params["EndpointName"],
            inference_id=params.get("InferenceId") or str(uuid.uuid4()),
            received=self._clock.now(),
            ttl_seconds=params.get("RequestTTLSeconds", _TTL_SECONDS),
            timeout_seconds=params.get("InvocationTimeoutSeconds", _TIMEOUT_SECONDS),
            input_location=params.get("InputLocation"),
            body=base64.b64encode(body).decode() if body else None,
            content_type=params.get("ContentType"),
            accept=params.get("Accept"),
            attributes=params.get("CustomAttributes"),
            output_location=_below(output["S3OutputPath"], extension, params.get("Filename", f"{name}.out")),
            failure_location=_below(failure, extension, f"{name}-error.out") if failure else None,
        )


def _below(path: str, extension: str, name: str) -> str:
    return "/".join(part.strip("/") for part in (path, extension, name) if part.strip("/"))


def _refused(message: str) -> ApiError:
    return ApiError("ValidationError", message)
