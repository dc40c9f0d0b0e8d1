"""The operations on endpoints."""

import time
from collections.abc import Mapping
from typing import Any

from embedded.cloud import Cloud
from embedded.sagemaker import listing
from embedded.sagemaker.configs import Configs
from embedded.sagemaker.deployments import Deployments
from embedded.sagemaker.description import describe
from embedded.sagemaker.naming import ENDPOINT, Names
from embedded.sagemaker.records import EndpointRecord, Pending, Tables
from embedded.sagemaker.refusals import already_exists, in_progress, invalid, not_found
from embedded.sagemaker.retention import read_deployment_config, reweighed, with_retained
from embedded.sagemaker.roles import require
from embedded.sagemaker.tags import read_tags
from embedded.wire import Caller, Operation

_CHANGING = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})


class Endpoints:
    """The operations on endpoints: they check and record; `Deployments` does the work."""

    def __init__(self, cloud: Cloud, tables: Tables, configs: Configs, deployments: Deployments) -> None:
        self._cloud = cloud
        self._table = tables.endpoints
        self._configs = configs
        self._deployments = deployments
        self._names = Names(cloud.region, cloud.account_id)

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "CreateEndpoint": self._create,
            "UpdateEndpoint": self._update,
            "UpdateEndpointWeightsAndCapacities": self._resize,
            "DescribeEndpoint": self._describe,
            "ListEndpoints": self._list,
            "DeleteEndpoint": self._delete,
        }

    def _create(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        record = self._new(params)
        if record.tags:
            require(self._cloud, caller, "sagemaker:AddTags", record.arn)
        if not self._table.add(record):
            raise already_exists("endpoint", record.arn)
        self._deployments.change(record.name)
        self._deployments.deploy(record.name)
        return {"EndpointArn": record.arn}

    def _new(self, params: Mapping[str, Any]) -> EndpointRecord:
        now = time.time()
        pending = Pending(
            config=params["EndpointConfigName"],
            variants=self._configs.variants(params["EndpointConfigName"]),
            started=now,
            termination_wait_seconds=read_deployment_config(params),
        )
        return EndpointRecord(
            name=params["EndpointName"],
            arn=self._names.arn(ENDPOINT, params["EndpointName"]),
            created=now,
            modified=now,
            tags=read_tags(params.get("Tags", [])),
            config=pending.config,
            status="Creating",
            variants=(),
            pending=pending,
            deployment=params.get("DeploymentConfig"),
        )

    def _update(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        record = self._changeable(params["EndpointName"])
        config = params["EndpointConfigName"]
        variants = self._configs.variants(config)
        if config == record.config:
            raise invalid(
                f'Cannot update endpoint "{record.arn}" to the endpoint configuration it uses already: '
                f'"{self._configs.get(config).arn}". Create a new endpoint configuration.'
            )
        pending = Pending(
            config=config,
            variants=with_retained(variants, record.variants, params),
            started=time.time(),
            termination_wait_seconds=read_deployment_config(params, record.deployment),
        )
        kept = record.deployment if params.get("RetainDeploymentConfig") else None
        self._begin(record, pending=pending, deployment=params.get("DeploymentConfig", kept))
        self._deployments.deploy(record.name)
        return {"EndpointArn": record.arn}

    def _resize(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        record = self._changeable(params["EndpointName"])
        variants = reweighed(record.variants, params["DesiredWeightsAndCapacities"])
        self._begin(record, variants=variants)
        self._deployments.resize(record.name, record.variants)
        return {"EndpointArn": record.arn}

    def _describe(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        record = self._get(params["EndpointName"])
        return describe(record, self._deployments.traffic(record.name).fleet)

    def _list(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        records, token = listing.select(self._table.all(), params)
        found = [
            {
                "EndpointName": each.name,
                "EndpointArn": each.arn,
                "CreationTime": each.created,
                "LastModifiedTime": each.modified,
                "EndpointStatus": each.status,
            }
            for each in records
        ]
        return {"Endpoints": found, "NextToken": token}

    def _delete(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        record = self._get(params["EndpointName"])
        if record.status in _CHANGING:
            raise in_progress(record.arn)
        self._begin(record, status="Deleting")
        self._deployments.delete(record.name)
        return {}

    def _begin(self, record: EndpointRecord, **values: Any) -> None:
        """Of two changes at the same moment only one finds the endpoint as it was."""
        with self._table.lock:
            if self._table.get(record.name) is not record:
                raise in_progress(record.arn)
            self._deployments.change(record.name, **{"status": "Updating", "reason": None, **values})

    def _changeable(self, name: str) -> EndpointRecord:
        record = self._get(name)
        if record.status in _CHANGING:
            raise in_progress(record.arn)
        if record.status == "Failed":
            raise invalid(f'Cannot update failed endpoint "{record.arn}". It can only be deleted.')
        return record

    def _get(self, name: str) -> EndpointRecord:
        record = self._table.get(name)
        if record is None:
            raise not_found("endpoint", self._names.arn(ENDPOINT, name))
        return record
