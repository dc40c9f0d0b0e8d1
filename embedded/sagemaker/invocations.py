"""InvokeEndpoint: a request to the right container, and its answer or its error."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from embedded.sagemaker.capture import Exchange
from embedded.sagemaker.containers import StartError
from embedded.sagemaker.deployments import Deployments
from embedded.sagemaker.fleet import Lease
from embedded.sagemaker.instance import INVOCATION_SECONDS
from embedded.sagemaker.model_calls import MAX_PAYLOAD, ModelCalls, answered
from embedded.sagemaker.naming import Names
from embedded.sagemaker.pools import ThrottledError
from embedded.sagemaker.records import EndpointRecord
from embedded.sagemaker.tables import Tables
from embedded.sagemaker.traffic import NoVariantError
from embedded.wire import ApiError, Caller, Operation

_KNOWN = {
    "EndpointName",
    "Body",
    "TargetVariant",
    "ContentType",
    "Accept",
    "CustomAttributes",
    "InferenceId",
}
_SERVING = frozenset({"InService", "Updating", "RollingBack", "SystemUpdating", "UpdateRollbackFailed"})


class Invocations:
    """The operation of the runtime that waits for its answer."""

    def __init__(
        self,
        names: Names,
        tables: Tables,
        deployments: Deployments,
        calls: ModelCalls,
        capture: Callable[[Exchange], None],
    ) -> None:
        self._names = names
        self._table = tables.endpoints
        self._deployments = deployments
        self._calls = calls
        self._capture = capture

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {"InvokeEndpoint": self._invoke}

    def serving(self, name: str) -> EndpointRecord:
        """The endpoint, if it takes requests. Raises ValidationError."""
        record = self._table.get(name)
        # Unlike elsewhere, the case of the name counts here (CreateEndpoint's documentation).
        if record is None or record.name != name or record.status not in _SERVING:
            raise ApiError(
                "ValidationError", f"Endpoint {name} of account {self._names.account_id} not found."
            )
        return record

    @contextmanager
    def leased(self, record: EndpointRecord, target: str | None) -> Iterator[Lease]:
        """A container for one request; what stands in its way in SageMaker's words."""
        try:
            with self._deployments.traffic(record.name).lease(target) as lease:
                yield lease
        except NoVariantError as error:
            raise _no_variant(record, target) from error
        except ThrottledError as error:
            # "Common Errors" of the API reference; AWS gives no message.
            raise ApiError("ThrottlingException", "", 400) from error
        except StartError as error:
            raise self._calls.error(record.name, 0, str(error)) from error

    def _invoke(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        check(params, "InvokeEndpoint")
        record = self.serving(params["EndpointName"])
        if record.options.asynchronous is not None:
            raise ApiError(
                "ValidationError",
                f"Endpoint {record.name} has asynchronous inference: invoke it by InvokeEndpointAsync.",
            )
        traffic = self._deployments.traffic(record.name)
        with self.leased(record, params.get("TargetVariant")) as lease:
            answer = self._calls.call(record.name, lease, traffic, params, seconds=INVOCATION_SECONDS)
            self._capture(Exchange(record.name, lease, params, answer))
            return answered(answer, lease.instance.variant)


def check(params: Mapping[str, Any], operation: str) -> None:
    """Refuse members that would have no effect, and bodies that are too large."""
    others = sorted(params.keys() - _KNOWN)
    if others:
        raise ApiError(
            "ValidationError",
            f"{operation}: {', '.join(others)} not implemented by the embedded SageMaker",
        )
    if len(params["Body"]) > MAX_PAYLOAD:
        raise ApiError("413", f"HTTP content length exceeded {MAX_PAYLOAD} bytes.", 413)


def _no_variant(record: EndpointRecord, target: str | None) -> ApiError:
    if target is not None and target not in {each.name for each in record.variants}:
        return ApiError("ValidationError", f"Variant {target} of endpoint {record.name} not found.")
    return ApiError("ServiceUnavailable", "The service is unavailable. Try your call again.")
