"""InvokeEndpointWithResponseStream: the parts of a container's answer, as they come, as events of a stream.

Sources: the API reference of the operation; the framing is that of "Amazon event stream encoding".
"""

import asyncio
import contextvars
import json
import struct
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import urllib3

from embedded.sagemaker.capture import Exchange
from embedded.sagemaker.deployments import Deployments
from embedded.sagemaker.instance import INVOCATION_SECONDS
from embedded.sagemaker.invocations import Invocations, check
from embedded.sagemaker.model_calls import ModelAnswer, ModelCalls, reason, to_headers
from embedded.wire import Answer, Caller, Operation

CONTENT_TYPE = "application/vnd.amazon.eventstream"

live: contextvars.ContextVar[list["Stream"]] = contextvars.ContextVar("live")
"""Where the operation leaves the stream of the request being answered, beside its ordinary answer."""

_PART = 64 * 1024
_STRING = 7
_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"


class Stream:
    """An answer under way: its parts, and what is to be done when it has ended."""

    def __init__(self, parts: Iterator[bytes], close: Callable[[], None]) -> None:
        self._parts = parts
        self._close = close

    def events(self) -> Generator[bytes, None, None]:
        """The framed events; a container that breaks off ends them with a ModelStreamError."""
        try:
            for part in self._parts:
                yield event({":event-type": "PayloadPart", ":message-type": "event"}, part)
        except urllib3.exceptions.HTTPError as error:
            is_late = isinstance(error, urllib3.exceptions.TimeoutError)
            yield _broken("ModelInvocationTimeExceeded" if is_late else "StreamBroken", reason(error))
        finally:
            self._close()

    def answer(self, pool: ThreadPoolExecutor) -> Any:
        """MiniStack's body of an answer that is sent while it comes."""
        from ministack.core.responses import StreamingResponse

        async def run(send: Any, _receive: Any) -> None:
            events, loop = self.events(), asyncio.get_running_loop()
            try:
                while chunk := await loop.run_in_executor(pool, next, events, None):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            finally:
                await loop.run_in_executor(pool, events.close)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        return StreamingResponse(run)


class ResponseStreams:
    """The operation of the runtime that answers part by part."""

    def __init__(
        self,
        invocations: Invocations,
        deployments: Deployments,
        calls: ModelCalls,
        capture: Callable[[Exchange], None],
    ) -> None:
        self._invocations = invocations
        self._deployments = deployments
        self._calls = calls
        self._capture = capture

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {"InvokeEndpointWithResponseStream": self._invoke}

    def _invoke(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        check(params, "InvokeEndpointWithResponseStream")
        record = self._invocations.serving(params["EndpointName"])
        with ExitStack() as stack:
            lease = stack.enter_context(self._invocations.leased(record, params.get("TargetVariant")))
            traffic = self._deployments.traffic(record.name)
            note = stack.enter_context(self._calls.counted(record.name, lease, traffic))
            answer = self._begin(record.name, lease.instance, params)
            note(answer.status)
            headers = answer.headers
            if not 200 <= answer.status < 300:
                raise self._calls.error(record.name, answer.status, answer.data.decode(errors="replace"))
            told = ModelAnswer(b"", headers.get("Content-Type"), headers.get(_ATTRIBUTES))
            seen: list[bytes] = []
            stack.callback(lambda: self._captured(record.name, lease, params, told, seen))
            live.get().append(Stream(_kept(answer, seen), stack.pop_all().close))
        return {
            "ContentType": told.content_type,
            "InvokedProductionVariant": lease.instance.variant,
            "CustomAttributes": told.attributes,
        }

    def _begin(self, endpoint: str, instance: Any, params: Mapping[str, Any]) -> urllib3.BaseHTTPResponse:
        try:
            answer: urllib3.BaseHTTPResponse = instance.invoke(
                params["Body"], to_headers(params), seconds=INVOCATION_SECONDS, preload=False
            )
        except urllib3.exceptions.HTTPError as error:
            raise self._calls.error(endpoint, 0, reason(error)) from error
        return answer

    def _captured(
        self, endpoint: str, lease: Any, params: Mapping[str, Any], told: ModelAnswer, seen: list[bytes]
    ) -> None:
        answer = ModelAnswer(b"".join(seen), told.content_type, told.attributes)
        self._capture(Exchange(endpoint, lease, params, answer))


def streamed(answer: Answer, streams: list[Stream], pool: ThreadPoolExecutor) -> Answer:
    """The answer with its stream in place of its body, where the operation left one."""
    if not streams:
        return answer
    status, headers, _body = answer
    return status, {**headers, "content-type": CONTENT_TYPE}, streams[0].answer(pool)


def event(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One framed message."""
    encoded = b"".join(_header(name, value) for name, value in headers.items())
    total = len(encoded) + len(payload) + 16
    prelude = struct.pack("!II", total, len(encoded))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + encoded + payload
    return message + struct.pack("!I", zlib.crc32(message))


def _header(name: str, value: str) -> bytes:
    text = value.encode()
    return struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", _STRING, len(text)) + text


def _broken(code: str, message: str) -> bytes:
    headers = {
        ":exception-type": "ModelStreamError",
        ":message-type": "exception",
        ":content-type": "application/json",
    }
    return event(headers, json.dumps({"Message": message, "ErrorCode": code}).encode())


def _kept(answer: urllib3.BaseHTTPResponse, seen: list[bytes]) -> Iterator[bytes]:
    for part in answer.stream(_PART):
        seen.append(part)
        yield part
    answer.release_conn()
