"""AWS's JSON protocols for services of our own: a table of operations in, MiniStack's handler out.

    service = JsonService("batch", {"SubmitJob": submit_job}, invalid="ClientException")
    cloud.register_service("batch", service.handle, credential_scopes=["batch"])

An operation takes the checked parameters and the caller, and returns the members of its output. It runs in a
worker thread, so it may wait and may call other services.
"""

import asyncio
import contextvars
import logging
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from embedded import rest_json, shapes
from embedded.api_error import ApiError as ApiError
from embedded.rest_json import Request, json_bytes, read_json

logger = logging.getLogger(__name__)

Answer = tuple[int, dict[str, str], bytes]
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Answer]]

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d+/([^/]+)/")
_SESSION = re.compile(r"^arn:aws:sts::(\d+):assumed-role/(.+)/([^/]+)$")


@dataclass(frozen=True)
class Caller:
    """Who made a call."""

    access_key_id: str
    arn: str
    account_id: str
    region: str

    @property
    def role_arn(self) -> str | None:
        """The role whose session made the call; None for root and users."""
        match = _SESSION.match(self.arn)
        return f"arn:aws:iam::{match[1]}:role/{match[2]}" if match else None


Operation = Callable[[dict[str, Any], Caller], Mapping[str, Any] | None]


@dataclass(frozen=True)
class _Call:
    operation: str
    params: dict[str, Any]


class JsonService:
    """One service that speaks rest-json or json 1.x, after botocore's model of it."""

    def __init__(
        self, name: str, operations: Mapping[str, Operation], *, invalid: str, threads: int = 16
    ) -> None:
        """`invalid` is the error code that the service gives for parameters that break its model."""
        self._model = shapes.service_model(name)
        self._operations = operations
        self._invalid = invalid
        self._rest = self._model.protocol == "rest-json"
        # A pool of its own: an operation may call back into the cloud, which uses the loop's default pool.
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def handle(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
    ) -> Answer:
        """Answer one HTTP request, as MiniStack's dispatch table calls it."""
        request = Request(method, path, {k.lower(): v for k, v in headers.items()}, body, query_params)
        context = contextvars.copy_context()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, context.run, self._answer, request)

    def _answer(self, request: Request) -> Answer:
        try:
            call = self._read(request)
            self._check(call)
            output = self._operations[call.operation](call.params, caller_of(request.headers))
            return self._write(call.operation, output or {})
        except ApiError as error:
            return self._write_error(error)
        except Exception as error:
            logger.exception("%s %s failed", request.method, request.path)
            return self._write_error(ApiError("InternalFailure", f"{type(error).__name__}: {error}", 500))

    def _read(self, request: Request) -> _Call:
        return self._read_rest(request) if self._rest else self._read_target(request)

    def _read_target(self, request: Request) -> _Call:
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        shape = self._operation_model(operation).input_shape
        return _Call(operation, shapes.load(shape, read_json(request.body)) if shape else {})

    def _read_rest(self, request: Request) -> _Call:
        operation, labels = self._route(request)
        shape = self._operation_model(operation).input_shape
        if shape is None:
            return _Call(operation, {})
        return _Call(operation, rest_json.read_members(shape, request, labels))

    @cached_property
    def _routes(self) -> list[tuple[str, re.Pattern[str], str]]:
        models = [self._model.operation_model(name) for name in self._model.operation_names]
        # The path with the most fixed text wins, as a label may hold slashes (an ARN decoded on the way).
        models.sort(key=lambda model: -len(re.sub(r"\{.*?\}", "", model.http["requestUri"])))
        return [
            (model.http["method"], rest_json.path_pattern(model.http["requestUri"]), model.name)
            for model in models
        ]

    def _route(self, request: Request) -> tuple[str, dict[str, str]]:
        for method, pattern, operation in self._routes:
            match = pattern.fullmatch(request.path) if method == request.method else None
            if match:
                return operation, {key: unquote(value) for key, value in match.groupdict().items()}
        raise ApiError("UnknownOperationException", f"no operation at {request.method} {request.path}", 404)

    def _operation_model(self, operation: str) -> Any:
        if operation not in self._operations:
            known = ", ".join(sorted(self._operations))
            raise ApiError(
                "UnknownOperationException",
                f"{self._model.service_name}:{operation or '(none)'} is not implemented; there are: {known}",
            )
        return self._model.operation_model(operation)

    def _check(self, call: _Call) -> None:
        shape = self._operation_model(call.operation).input_shape
        found = shapes.problems(shape, call.params) if shape else None
        if found:
            raise ApiError(self._invalid, found)

    def _write(self, operation: str, output: Mapping[str, Any]) -> Answer:
        model = self._model.operation_model(operation)
        headers = {"x-amzn-requestid": str(uuid.uuid4()), "content-type": self._content_type}
        if model.output_shape is None:
            return 200, headers, b"" if self._rest else b"{}"
        if not self._rest:
            return 200, headers, json_bytes(shapes.dump(model.output_shape, output))
        return (
            model.http.get("responseCode", 200),
            headers,
            rest_json.write_members(model.output_shape, output, headers),
        )

    @cached_property
    def _errors(self) -> Mapping[str, Any]:
        return {shape.name: shape for shape in self._model.error_shapes}

    @property
    def _content_type(self) -> str:
        return (
            "application/json"
            if self._rest
            else f"application/x-amz-json-{self._model.metadata['jsonVersion']}"
        )

    def _write_error(self, error: ApiError) -> Answer:
        shape: Any = self._errors.get(error.code)
        modelled = (shape.metadata.get("error") or {}).get("httpStatusCode") if shape else None
        members = shapes.dump(shape, error.members) if shape else {}
        headers = {
            "x-amzn-requestid": str(uuid.uuid4()),
            "content-type": self._content_type,
            "x-amzn-errortype": error.code,
        }
        # Services write `message` or `Message`; a modelled error needs the spelling of its own shape.
        spelling = "Message" if shape and "Message" in shape.members else "message"
        body = members | {"__type": error.code, spelling: error.message}
        return error.status or modelled or 400, headers, json_bytes(body)


def caller_of(headers: Mapping[str, str]) -> Caller:
    """The caller by the access key in a signed request's `authorization` header (lower-case keys)."""
    from ministack.core.responses import get_account_id
    from ministack.services import sts

    match = _CREDENTIAL.search(headers.get("authorization", ""))
    key, region = (match[1], match[2]) if match else ("anonymous", "us-east-1")
    account = get_account_id()
    arn = (sts._sessions.get(key) or {}).get("Arn") or f"arn:aws:iam::{account}:root"
    return Caller(key, arn, account, region)
