"""One asynchronous inference: input from S3, the container's answer, output to S3, a notice; all by the role.

Metrics: "Monitor asynchronous endpoint".
"""

import base64
import logging
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from embedded.authority import AccessDenied
from embedded.sagemaker.asynchronous import notices
from embedded.sagemaker.asynchronous.notices import Result
from embedded.sagemaker.asynchronous.queue import Request
from embedded.sagemaker.clock import Clock
from embedded.sagemaker.deployments import Deployments
from embedded.sagemaker.metrics import Point, of_endpoint, rounded
from embedded.sagemaker.model_calls import ModelCalls
from embedded.sagemaker.model_data import split
from embedded.sagemaker.records import EndpointRecord
from embedded.wire import ApiError

logger = logging.getLogger(__name__)

Client = Callable[[str, str], Any]
"""A client of a service under a role."""


class Processing:
    """Works requests off."""

    def __init__(
        self,
        deployments: Deployments,
        calls: ModelCalls,
        client: Client,
        add: Callable[[Point], None],
        *,
        clock: Clock,
        region: str,
        closing: threading.Event,
    ) -> None:
        """`add` counts a point of a metric; what fails once `closing` is set is nobody's failure."""
        self._deployments = deployments
        self._calls = calls
        self._client = client
        self._add = add
        self._clock = clock
        self._region = region
        self._closing = closing

    def expire(self, record: EndpointRecord, request: Request) -> None:
        """End a request that has waited too long."""
        self._count(record, "ExpiredRequests")
        reason = f"Request expired: it waited for more than {request.ttl_seconds} seconds."
        self._end(record, request, Result("Expired", reason=reason))

    def run(self, record: EndpointRecord, request: Request) -> None:
        """Process a request to its end, whatever that is."""
        self._time(record, "TimeInBacklog", self._clock.now() - request.received)
        result = self._answer(record, request)
        if self._closing.is_set():
            return
        self._end(record, request, result)
        spent = self._clock.now() - request.received
        self._count(record, "TotalProcessingTime", rounded(spent * 1000), "Milliseconds")
        self._count(record, "InvocationsProcesssed")  # Sic: so it is spelled.

    def _answer(self, record: EndpointRecord, request: Request) -> Result:
        try:
            body = self._input(record, request)
        except (ClientError, AccessDenied) as error:
            self._count(record, "RequestDownloadFailures")
            return Result("Failed", reason=f"ClientError: Failed to download the request payload: {error}")
        result = self._call(record, request, body)
        if result.status != "Completed":
            return result
        try:
            self._put(record, request.output_location, result)
        except (ClientError, AccessDenied) as error:
            self._count(record, "ResponseUploadFailures")
            return Result("Failed", reason=f"ClientError: Failed to upload the response payload: {error}")
        return result

    def _input(self, record: EndpointRecord, request: Request) -> bytes:
        if request.input_location is None:
            return base64.b64decode(request.body or "")
        bucket, key = split(request.input_location)
        with self._timed(record, "RequestDownloadLatency"):
            found: bytes = self._s3(record).get_object(Bucket=bucket, Key=key)["Body"].read()
        return found

    def _call(self, record: EndpointRecord, request: Request, body: bytes) -> Result:
        given = {
            "Body": body,
            "ContentType": request.content_type,
            "Accept": request.accept,
            "CustomAttributes": request.attributes,
            "InferenceId": request.inference_id,
        }
        params = {key: value for key, value in given.items() if value is not None}
        traffic = self._deployments.traffic(record.name)
        try:
            with traffic.lease() as lease:
                answer = self._calls.call(
                    record.name, lease, traffic, params, seconds=request.timeout_seconds
                )
        except ApiError as error:
            status = error.members.get("OriginalStatusCode", 0)
            kind = "client" if 400 <= status < 500 else "server"
            return Result(
                "Failed",
                body=str(error.members.get("OriginalMessage", "")).encode(),
                reason=f"ClientError: Received {kind} error ({status}) from model. See the SageMaker "
                f"Endpoint logs in your account for more information.",
            )
        return Result("Completed", answer.body, answer.content_type)

    def _end(self, record: EndpointRecord, request: Request, result: Result) -> None:
        if result.status != "Completed":
            self._count(record, "InvocationFailures")
            self._put_failure(record, request, result)
        config = (record.options.asynchronous or {}).get("OutputConfig", {})
        topic = notices.topic(config, result)
        if topic is None:
            return
        text = notices.message(request, result, config=config, region=self._region, now=self._clock.now())
        try:
            self._client("sns", self._role(record)).publish(TopicArn=topic, Message=text)
        except (ClientError, AccessDenied):
            self._count(record, "NotificationFailures")

    def _put_failure(self, record: EndpointRecord, request: Request, result: Result) -> None:
        if request.failure_location is None:
            return
        told = Result(result.status, result.body or (result.reason or "").encode())
        try:
            self._put(record, request.failure_location, told)
        except (ClientError, AccessDenied) as error:
            self._count(record, "ResponseUploadFailures")
            logger.warning("%s was not written: %s", request.failure_location, error)

    def _put(self, record: EndpointRecord, location: str, result: Result) -> None:
        bucket, key = split(location)
        kind = {"ContentType": result.content_type} if result.content_type else {}
        with self._timed(record, "ResponseUploadLatency"):
            self._s3(record).put_object(Bucket=bucket, Key=key, Body=result.body, **kind)

    def _s3(self, record: EndpointRecord) -> Any:
        return self._client("s3", self._role(record))

    def _role(self, record: EndpointRecord) -> str:
        return record.variants[0].role_arn

    @contextmanager
    def _timed(self, record: EndpointRecord, metric: str) -> Any:
        started = time.perf_counter()
        yield
        self._time(record, metric, time.perf_counter() - started)

    def _time(self, record: EndpointRecord, metric: str, seconds: float) -> None:
        self._count(record, metric, rounded(seconds * 1e6), "Microseconds")

    def _count(self, record: EndpointRecord, metric: str, value: float = 1.0, unit: str = "Count") -> None:
        dimensions = of_endpoint(record.name, record.variants[0].name)
        self._add(Point(dimensions, metric, value, unit))
