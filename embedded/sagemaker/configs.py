"""The operations on endpoint configurations, and the variants of one."""

import time
from collections.abc import Mapping
from typing import Any

from embedded.cloud import Cloud
from embedded.sagemaker import listing
from embedded.sagemaker.models import read_container
from embedded.sagemaker.naming import CONFIG, MODEL, Names
from embedded.sagemaker.records import STARTUP_SECONDS, ConfigRecord, Options, Variant
from embedded.sagemaker.refusals import already_exists, invalid, not_found, refuse_others
from embedded.sagemaker.roles import require
from embedded.sagemaker.tables import Tables
from embedded.sagemaker.tags import read_tags
from embedded.sagemaker.variants import (
    SERVERLESS_STARTUP_SECONDS,
    check_routing,
    check_together,
    read_serverless,
)
from embedded.wire import Caller, Operation

_CONFIG = (
    "EndpointConfigName",
    "ProductionVariants",
    "Tags",
    "KmsKeyId",
    "DataCaptureConfig",
    "AsyncInferenceConfig",
)
_VARIANT = (
    "VariantName",
    "ModelName",
    "InitialInstanceCount",
    "InstanceType",
    "InitialVariantWeight",
    "VolumeSizeInGB",
    "ModelDataDownloadTimeoutInSeconds",
    "ContainerStartupHealthCheckTimeoutInSeconds",
    "RoutingConfig",
    "ServerlessConfig",
)


class Configs:
    """The operations on endpoint configurations."""

    def __init__(self, cloud: Cloud, tables: Tables) -> None:
        self._cloud = cloud
        self._tables = tables
        self._table = tables.configs
        self._names = Names(cloud.region, cloud.account_id)

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "CreateEndpointConfig": self._create,
            "DescribeEndpointConfig": self._describe,
            "ListEndpointConfigs": self._list,
            "DeleteEndpointConfig": self._delete,
        }

    def variants(self, name: str) -> tuple[Variant, ...]:
        """What a fleet of this configuration consists of."""
        return tuple(self._variant(each) for each in self.get(name).request["ProductionVariants"])

    def options(self, name: str) -> Options:
        """What a configuration says of the endpoint as a whole."""
        request = self.get(name).request
        return Options(
            capture=request.get("DataCaptureConfig"), asynchronous=request.get("AsyncInferenceConfig")
        )

    def get(self, name: str) -> ConfigRecord:
        """The configuration; ValidationException when there is none."""
        record = self._table.get(name)
        if record is None:
            raise not_found("endpoint configuration", self._names.arn(CONFIG, name))
        return record

    def _create(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        self._check(params)
        arn = self._names.arn(CONFIG, params["EndpointConfigName"])
        if params.get("Tags"):
            require(self._cloud, caller, "sagemaker:AddTags", arn)
        record = ConfigRecord(
            name=params["EndpointConfigName"],
            arn=arn,
            created=time.time(),
            tags=read_tags(params.get("Tags", [])),
            request={key: value for key, value in params.items() if key != "Tags"},
        )
        if not self._table.add(record):
            raise already_exists("endpoint configuration", arn)
        return {"EndpointConfigArn": arn}

    def _check(self, params: Mapping[str, Any]) -> None:
        refuse_others("CreateEndpointConfig", params, _CONFIG)
        names = [variant["VariantName"] for variant in params["ProductionVariants"]]
        if len(set(names)) != len(names):
            raise invalid("Production variant names must be unique in an endpoint configuration.")
        for variant in params["ProductionVariants"]:
            refuse_others(f'ProductionVariant "{variant["VariantName"]}"', variant, _VARIANT)
        variants = [self._variant(each) for each in params["ProductionVariants"]]
        check_together(params, variants)

    def _variant(self, request: Mapping[str, Any]) -> Variant:
        serverless = read_serverless(request)
        needed = ("ModelName",) if serverless else ("ModelName", "InstanceType", "InitialInstanceCount")
        missing = [key for key in needed if key not in request]
        if missing:
            raise invalid(f'Production variant "{request["VariantName"]}": {", ".join(missing)} is required.')
        check_routing(request)
        model = self._tables.models.get(request["ModelName"])
        if model is None:
            raise not_found("model", self._names.arn(MODEL, request["ModelName"]))
        patience = request.get("ContainerStartupHealthCheckTimeoutInSeconds", STARTUP_SECONDS)
        return Variant(
            name=request["VariantName"],
            role_arn=model.request["ExecutionRoleArn"],
            container=read_container(model.request),
            instances=request.get("InitialInstanceCount", 0),
            weight=request.get("InitialVariantWeight", 1.0),
            startup_seconds=SERVERLESS_STARTUP_SECONDS if serverless else patience,
            serverless=serverless,
            is_random=request.get("RoutingConfig", {}).get("RoutingStrategy") == "RANDOM",
        )

    def _describe(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        record = self.get(params["EndpointConfigName"])
        return {**record.request, "EndpointConfigArn": record.arn, "CreationTime": record.created}

    def _list(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        records, token = listing.select(self._table.all(), params)
        found = [
            {
                "EndpointConfigName": each.name,
                "EndpointConfigArn": each.arn,
                "CreationTime": each.created,
            }
            for each in records
        ]
        return {"EndpointConfigs": found, "NextToken": token}

    def _delete(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        self._table.remove(self.get(params["EndpointConfigName"]).name)
        return {}
