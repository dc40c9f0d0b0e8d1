"""The operations on endpoints."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from embedded.cloud import Cloud
from embedded.sagemaker import listing
from embedded.sagemaker.configs import Configs
from embedded.sagemaker.deployments import Deployments
from embedded.sagemaker.description import describe
from embedded.sagemaker.naming import ENDPOINT, Names
from embedded.sagemaker.policy import check_sizes, read_policy
from embedded.sagemaker.records import EndpointRecord, Pending, Variant
from embedded.sagemaker.refusals import already_exists, in_progress, invalid, not_found
from embedded.sagemaker.retention import reweighed, with_retained
from embedded.sagemaker.roles import require
from embedded.sagemaker.tables import Tables
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
        now, config = time.time(), params["EndpointConfigName"]
        read_policy(
            params.get("DeploymentConfig")
        )  # It is for later updates; what is wrong in it is told now.
        pending = Pending(
            config=config,
            variants=self._configs.variants(config),
            started=now,
            options=self._configs.options(config),
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
        variants = with_retained(self._configs.variants(config), record.variants, params)
        if config == record.config:
            raise invalid(
                f'Cannot update endpoint "{record.arn}" to the endpoint configuration it uses already: '
                f'"{self._configs.get(config).arn}". Create a new endpoint configuration.'
            )
        deployment = _deployment(params, record)
        check_sizes(read_policy(deployment), variants)
        options = self._configs.options(config)
        _check_kind(record, variants, is_async=options.asynchronous is not None)
        pending = Pending(
            config=config, variants=variants, started=time.time(), options=options, deployment=deployment
        )
        self._begin(record, pending=pending, deployment=deployment)
        self._deployments.deploy(record.name)
        return {"EndpointArn": record.arn}

    def _resize(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        record = self._changeable(params["EndpointName"])
        wanted = params["DesiredWeightsAndCapacities"]
        is_async = record.options.asynchronous is not None
        variants = reweighed(record.variants, wanted, may_be_empty=is_async)
        self._begin(record, variants=variants)
        self._deployments.resize(record.name, record.variants)
        return {"EndpointArn": record.arn}

    def _describe(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        record = self._get(params["EndpointName"])
        return describe(record, self._deployments.traffic(record.name))

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


def _deployment(params: Mapping[str, Any], record: EndpointRecord) -> Mapping[str, Any] | None:
    """The update's own DeploymentConfig, or the last one where that is retained."""
    given: Mapping[str, Any] | None = params.get("DeploymentConfig")
    return given or (record.deployment if params.get("RetainDeploymentConfig") else None)


def _check_kind(record: EndpointRecord, variants: Sequence[Variant], *, is_async: bool) -> None:
    """What an endpoint is decides what it can become ("Serverless Inference", "Asynchronous inference")."""
    serverless = any(each.serverless for each in variants)
    if serverless and not any(each.serverless for each in record.variants):
        raise invalid(f'Cannot update the instance-based endpoint "{record.arn}" to a serverless endpoint.')
    if is_async != (record.options.asynchronous is not None):
        raise invalid(
            f'Cannot update endpoint "{record.arn}": an endpoint with asynchronous inference cannot become '
            f"one without, nor the other way round."
        )
