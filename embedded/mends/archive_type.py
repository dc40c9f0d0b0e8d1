"""CloudFormation's AWS::Events::Archive, which MiniStack refuses although its EventBridge has archives."""

import json
from typing import Any

from embedded.cloud import Cloud

_KEYS = ("ArchiveName", "Description", "RetentionDays", "KmsKeyIdentifier")


def install(cloud: Cloud) -> None:
    """Let templates hold archives."""
    cloud.register_resource_type("AWS::Events::Archive", create=_create, delete=_delete, update=_update)


def _create(logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
    from ministack.services import eventbridge
    from ministack.services.cloudformation.provisioners import _physical_name

    # An archive's name has at most 48 characters.
    name = properties.get("ArchiveName") or _physical_name(stack, logical_id, max_len=48)
    answer = _checked(eventbridge._create_archive(_request(properties, name)))
    return name, {"Arn": answer["ArchiveArn"], "ArchiveName": name}


def _update(
    name: str, _old: dict[str, Any], properties: dict[str, Any], _stack: str
) -> tuple[str, dict[str, Any]]:
    from ministack.services import eventbridge

    answer = _checked(eventbridge._update_archive(_request(properties, name)))
    return name, {"Arn": answer["ArchiveArn"], "ArchiveName": name}


def _delete(name: str, _properties: dict[str, Any]) -> None:
    from ministack.services import eventbridge

    eventbridge._delete_archive({"ArchiveName": name})


def _request(properties: dict[str, Any], name: str) -> dict[str, Any]:
    request = {key: properties[key] for key in _KEYS if key in properties} | {"ArchiveName": name}
    if "RetentionDays" in request:
        request["RetentionDays"] = int(request["RetentionDays"])
    pattern = properties.get("EventPattern")
    if pattern:
        request["EventPattern"] = pattern if isinstance(pattern, str) else json.dumps(pattern)
    return request | {"EventSourceArn": properties["SourceArn"]}


def _checked(answer: Any) -> dict[str, Any]:
    status, _, body = answer
    parsed: dict[str, Any] = json.loads(body)
    if status >= 400:
        raise ValueError(f"AWS::Events::Archive: {parsed.get('message', parsed)}")
    return parsed
