"""How services, operations, members and errors are called in `aws-sdk:` integrations: as in the Java SDK 2.

https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

import re
from functools import cache
from typing import Any

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.utils import EVENT_ALIASES

from embedded.shapes import service_model

# Java may not call a member `null`.
_RENAMED = {"Null": "Nul"}


@cache
def services() -> dict[str, str]:
    """From the name in a `Resource`, such as `cloudwatchlogs`, to botocore's, such as `logs`."""
    names = Loader().list_available_services("service-2")
    return {EVENT_ALIASES.get(name, name).replace("-", ""): name for name in names}


def find_operation(service: str, action: str) -> tuple[str, str] | None:
    """Botocore's names for `dynamodb` and `getItem`; None where there is no such operation."""
    name = services().get(service)
    if name is None or not action[:1].islower():
        return None
    try:
        operations = service_model(name).operation_names
    except UnknownServiceError:
        return None
    operation = next((found for found in operations if _uncapitalized(found) == action), None)
    return (name, operation) if operation else None


def service_prefix(name: str) -> str:
    """How errors of a service begin: `DynamoDb`, `S3`, `SecretsManager`."""
    text = str(service_model(name).metadata["serviceId"])
    words = [word for part in re.split(r"[^A-Za-z0-9]+", text) for word in _split(part)]
    return "".join(word[:1].upper() + word[1:].lower() for word in words)


def exception_name(shape: str) -> str:
    """An error's class: `NoSuchBucket` is `NoSuchBucketException`."""
    if shape.endswith("Exception"):
        return shape[:1].upper() + shape[1:]
    return f"{shape.removesuffix('Fault')}Exception"


def member_name(name: str) -> str:
    """A member of an answer: `DBInstances` is `DbInstances`, `ETag` is `ETag`."""
    lowered = _uncapitalized(name)
    capital = lowered[:1].upper() + lowered[1:]
    return _RENAMED.get(capital, capital)


def error_shape(name: str, code: str) -> Any:
    """The modelled error of a service that a code stands for; None where there is none."""
    for shape in service_model(name).error_shapes:
        modelled = (shape.metadata.get("error") or {}).get("code")
        if code in {shape.name, modelled}:
            return shape
    return None


def _split(text: str) -> list[str]:
    # Digits belong to the word before them: `S3`, `EC2`.
    return re.findall(r"(?:[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+(?=\D|$))\d*", text)


def _uncapitalized(name: str) -> str:
    """The first letter small, and with it an acronym that it begins."""
    index = 1
    while index < len(name) and name[index].isupper() and not name[index + 1 : index + 2].islower():
        index += 1
    return name[:index].lower() + name[index:]
