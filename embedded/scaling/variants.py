"""A variant's capacity: how it is called, read and set.

As on AWS the service acts under its own role, which nobody limits.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from embedded.sagemaker.records import EndpointRecord, Table
from embedded.wire import ApiError

NAMESPACE = "sagemaker"
INSTANCES = "sagemaker:variant:DesiredInstanceCount"
CONCURRENCY = "sagemaker:variant:DesiredProvisionedConcurrency"

_RESOURCE = re.compile(r"endpoint/(?P<endpoint>[^/]+)/variant/(?P<variant>[^/]+)")
_WORDS = {INSTANCES: "desired instance count", CONCURRENCY: "desired provisioned concurrency"}


@dataclass(frozen=True)
class Resource:
    """One variant, and which of its capacities is scaled."""

    endpoint: str
    variant: str
    dimension: str

    @property
    def words(self) -> str:
        """What is set, in words."""
        return _WORDS[self.dimension]


@dataclass(frozen=True)
class Capacity:
    """What a variant is set to, and whether it may be set at this moment."""

    desired: int
    is_settled: bool
    may_be_empty: bool


class Variants(Protocol):
    """Whoever knows and sets capacities."""

    def read(self, resource: Resource) -> Capacity | None:
        """The capacity; None when there is no such variant."""

    def set(self, resource: Resource, capacity: int) -> None:
        """Set the capacity. Raises botocore's ClientError."""


class SageMakerVariants:
    """Variants of SageMaker's endpoints.

    They are read from its records, as templates are provisioned where nobody may wait for a request, and set
    by its API.
    """

    def __init__(self, endpoints: Path, client: Callable[[], Any]) -> None:
        """`endpoints` is the folder of their records."""
        self._endpoints = endpoints
        self._client = client

    def read(self, resource: Resource) -> Capacity | None:
        """The capacity; None when there is no such variant."""
        record = Table(self._endpoints, EndpointRecord).get(resource.endpoint)
        variants = {each.name: each for each in record.variants} if record else {}
        if record is None or resource.variant not in variants:
            return None
        variant, is_async = variants[resource.variant], record.options.asynchronous is not None
        provisioned = variant.serverless.provisioned if variant.serverless else 0
        return Capacity(
            desired=variant.instances if resource.dimension == INSTANCES else provisioned,
            is_settled=record.status == "InService",
            may_be_empty=is_async or resource.dimension == CONCURRENCY,
        )

    def set(self, resource: Resource, capacity: int) -> None:
        """Set the capacity. Raises botocore's ClientError."""
        changes: Mapping[str, Mapping[str, Any]] = {
            INSTANCES: {"DesiredInstanceCount": capacity},
            CONCURRENCY: {"ServerlessUpdateConfig": {"ProvisionedConcurrency": capacity}},
        }
        self._client().update_endpoint_weights_and_capacities(
            EndpointName=resource.endpoint,
            DesiredWeightsAndCapacities=[{"VariantName": resource.variant, **changes[resource.dimension]}],
        )


def resource_of(params: Mapping[str, Any]) -> Resource:
    """What a request is about. ValidationException for everything but variants of endpoints."""
    dimension, found = params["ScalableDimension"], _RESOURCE.fullmatch(params["ResourceId"])
    if params["ServiceNamespace"] != NAMESPACE or dimension not in _WORDS:
        raise ApiError(
            "ValidationException",
            f"{params['ServiceNamespace']} with {dimension} is not implemented by the embedded Application "
            f"Auto Scaling; {NAMESPACE} with {' or '.join(_WORDS)} is",
        )
    if found is None:
        raise ApiError(
            "ValidationException", f"ResourceId {params['ResourceId']} is not endpoint/…/variant/…."
        )
    return Resource(found["endpoint"], found["variant"], dimension)
