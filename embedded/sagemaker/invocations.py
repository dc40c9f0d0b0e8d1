"""InvokeEndpoint: a request to the right container, and its answer or its error in SageMaker's words."""

import contextvars
import time
from collections.abc import Callable, Mapping
from typing import Any

import urllib3

from embedded.cloud import Cloud
from embedded.sagemaker.deployments import Deployments
from embedded.sagemaker.instance import Instance
from embedded.sagemaker.metrics import Invocation
from embedded.sagemaker.naming import Names, log_group
from embedded.sagemaker.records import EndpointRecord, Tables
from embedded.sagemaker.traffic import NoVariantError
from embedded.wire import ApiError, Caller, Operation

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
_KNOWN = {"EndpointName", "Body", "TargetVariant", *_HEADERS}
_TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container primary. Review the latency "
    "metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
)
_SERVING = frozenset({"InService", "Updating", "RollingBack", "SystemUpdating"})


class Invocations:
    """The operations of the runtime."""

    def __init__(
        self, cloud: Cloud, tables: Tables, deployments: Deployments, record: Callable[[Invocation], None]
    ) -> None:
        self._cloud = cloud
        self._table = tables.endpoints
        self._deployments = deployments
        self._record = record
        self._names = Names(cloud.region, cloud.account_id)

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "InvokeEndpoint": self._invoke,
            "InvokeEndpointAsync": _not_implemented("InvokeEndpointAsync"),
            "InvokeEndpointWithResponseStream": _not_implemented("InvokeEndpointWithResponseStream"),
        }

    def _invoke(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        _check(params)
        record = self._serving(params["EndpointName"])
        try:
            with self._deployments.traffic(record.name).lease(params.get("TargetVariant")) as instance:
                return self._answer(record, instance, params)
        except NoVariantError as error:
            raise _no_variant(record, params.get("TargetVariant")) from error

    def _serving(self, name: str) -> EndpointRecord:
        record = self._table.get(name)
        # Unlike elsewhere, the case of the name counts here (CreateEndpoint's documentation).
        if record is None or record.name != name or record.status not in _SERVING:
            raise ApiError(
                "ValidationError", f"Endpoint {name} of account {self._cloud.account_id} not found."
            )
        return record

    def _answer(self, record: EndpointRecord, instance: Instance, params: dict[str, Any]) -> dict[str, Any]:
        started = time.perf_counter()
        status = 0
        headers = {header: params[key] for key, header in _HEADERS.items() if key in params}
        try:
            answer = instance.invoke(params["Body"], headers)
            status = answer.status
        except urllib3.exceptions.HTTPError as error:
            raise self._model_error(record.name, 0, _reason(error)) from error
        finally:
            self._count(record, instance, status, time.perf_counter() - started)
        if not 200 <= status < 300 or len(answer.data) > MAX_PAYLOAD:
            raise self._model_error(record.name, status, answer.data.decode(errors="replace"))
        return {
            "Body": answer.data,
            "ContentType": answer.headers.get("Content-Type"),
            "InvokedProductionVariant": instance.variant,
            "CustomAttributes": answer.headers.get(_ATTRIBUTES),
        }

    def _count(self, record: EndpointRecord, instance: Instance, status: int, spent: float) -> None:
        arrived = received.get(time.perf_counter() - spent)
        self._record(
            Invocation(
                endpoint=record.name,
                variant=instance.variant,
                status=status,
                model_seconds=spent,
                overhead_seconds=max(0.0, time.perf_counter() - arrived - spent),
                instances=self._deployments.traffic(record.name).fleet.count(instance.variant),
            )
        )

    def _model_error(self, endpoint: str, status: int, text: str) -> ApiError:
        region, account = self._cloud.region, self._cloud.account_id
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


def _check(params: Mapping[str, Any]) -> None:
    others = sorted(params.keys() - _KNOWN)
    if others:
        raise ApiError(
            "ValidationError",
            f"InvokeEndpoint: {', '.join(others)} not implemented by the embedded SageMaker",
        )
    if len(params["Body"]) > MAX_PAYLOAD:
        raise ApiError("413", f"HTTP content length exceeded {MAX_PAYLOAD} bytes.", 413)


def _no_variant(record: EndpointRecord, target: str | None) -> ApiError:
    if target is not None and target not in {each.name for each in record.variants}:
        return ApiError("ValidationError", f"Variant {target} of endpoint {record.name} not found.")
    return ApiError("ServiceUnavailable", "The service is unavailable. Try your call again.")


def _reason(error: urllib3.exceptions.HTTPError) -> str:
    return _TIMED_OUT if isinstance(error, urllib3.exceptions.TimeoutError) else str(error)


def _not_implemented(name: str) -> Operation:
    def refuse(_params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        raise ApiError("ValidationError", f"{name} is not implemented by the embedded SageMaker.")

    return refuse
