"""One line of captured data, as Model Monitor reads it.

Sources: "Capture data from real-time endpoint"; API reference of `DataCaptureConfig` and
`CaptureContentTypeHeader`.
"""

import base64
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_BOTH = "InputAndOutput"


def wants(config: Mapping[str, Any], side: str) -> bool:
    """Whether a side (`Input`, `Output`) is captured."""
    return any(each["CaptureMode"] in (side, _BOTH) for each in config["CaptureOptions"])


def line(
    config: Mapping[str, Any],
    *,
    request: tuple[bytes, str | None],
    response: tuple[bytes, str | None],
    at: float,
    inference_id: str | None,
    attributes: str | None,
) -> str:
    """The JSON of one exchange; each side is a body and its content type."""
    sides = {"Input": request, "Output": response}
    data = {f"endpoint{name}": _side(config, name, *sides[name]) for name in sides if wants(config, name)}
    metadata = {
        "eventId": str(uuid.uuid4()),
        "customAttributes": [attributes] if attributes else None,
        "inferenceId": inference_id,
        "inferenceTime": f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    known = {key: value for key, value in metadata.items() if value is not None}
    return json.dumps(
        {"captureData": data, "eventMetadata": known, "eventVersion": "0"}, separators=(",", ":")
    )


def key(prefix: str, endpoint: str, variant: str, at: float) -> str:
    """Where a file of lines goes that begins at a moment: `…/<endpoint>/<variant>/yyyy/mm/dd/hh/….jsonl`."""
    moment = datetime.fromtimestamp(at, UTC)
    name = f"{moment:%M-%S}-{moment.microsecond // 1000:03d}-{uuid.uuid4()}.jsonl"
    parts = (prefix.strip("/"), endpoint, variant, f"{moment:%Y/%m/%d/%H}", name)
    return "/".join(filter(None, parts))


def _side(config: Mapping[str, Any], name: str, body: bytes, content_type: str | None) -> dict[str, str]:
    encoding = _encoding(config, content_type)
    try:
        data = base64.b64encode(body).decode() if encoding == "BASE64" else body.decode()
    except UnicodeDecodeError:
        encoding, data = "BASE64", base64.b64encode(body).decode()
    found = {"observedContentType": content_type, "mode": name.upper(), "data": data, "encoding": encoding}
    return {member: value for member, value in found.items() if value is not None}


def _encoding(config: Mapping[str, Any], content_type: str | None) -> str:
    """Content types that the configuration does not name are captured in base64."""
    plain = (content_type or "").partition(";")[0].strip().lower()
    named = config.get("CaptureContentTypeHeader", {})
    for member, encoding in (("CsvContentTypes", "CSV"), ("JsonContentTypes", "JSON")):
        if plain in {each.lower() for each in named.get(member, [])}:
            return encoding
    return "BASE64"
