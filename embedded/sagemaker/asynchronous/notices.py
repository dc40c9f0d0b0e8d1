"""What a topic is told of an asynchronous inference. Source: "Check prediction results"."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from embedded.sagemaker.asynchronous.queue import Request

_MAX_INCLUDED = 128 * 1024
_TOPICS = {"Completed": "SuccessTopic", "Failed": "ErrorTopic", "Expired": "ErrorTopic"}
_INCLUDED = {"SuccessTopic": "SUCCESS_NOTIFICATION_TOPIC", "ErrorTopic": "ERROR_NOTIFICATION_TOPIC"}


@dataclass(frozen=True)
class Result:
    """How a request ended. `status` is Completed, Failed or Expired."""

    status: str
    body: bytes = b""
    content_type: str | None = None
    reason: str | None = None


def topic(config: Mapping[str, Any], result: Result) -> str | None:
    """The ARN of the topic that hears of a result; `config` is the OutputConfig."""
    found: str | None = config.get("NotificationConfig", {}).get(_TOPICS[result.status])
    return found


def message(request: Request, result: Result, *, config: Mapping[str, Any], region: str, now: float) -> str:
    """The notification."""
    is_completed = result.status == "Completed"
    place = {"outputLocation": request.output_location} if is_completed else _failure(request)
    content = {"contentType": result.content_type} if result.content_type else {}
    asked = {
        "accept": request.accept,
        "contentType": request.content_type,
        "customAttributes": request.attributes,
        "endpointName": request.endpoint,
        "inputLocation": request.input_location,
    }
    notice = {
        "awsRegion": region,
        "eventTime": _moment(now),
        "receivedTime": _moment(request.received),
        "invocationStatus": result.status,
        "failureReason": result.reason,
        "requestParameters": {key: value for key, value in asked.items() if value is not None},
        "responseParameters": content | place,
        "responseBody": _body(config, result),
        "inferenceId": request.inference_id,
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    }
    return json.dumps({key: value for key, value in notice.items() if value is not None})


def _failure(request: Request) -> dict[str, str]:
    return {"failureLocation": request.failure_location} if request.failure_location else {}


def _body(config: Mapping[str, Any], result: Result) -> dict[str, str] | None:
    """The response itself, where the configuration wants it and it is small enough."""
    included = config.get("NotificationConfig", {}).get("IncludeInferenceResponseIn", [])
    if _INCLUDED[_TOPICS[result.status]] not in included or len(result.body) > _MAX_INCLUDED:
        return None
    return {"content": base64.b64encode(result.body).decode(), "encoding": "BASE64"}


def _moment(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
