"""The operations on models."""

import time
from collections.abc import Mapping
from typing import Any

from embedded.cloud import Cloud
from embedded.images.registry import ImageNotFoundError
from embedded.images.resolve import resolve
from embedded.sagemaker import listing
from embedded.sagemaker.model_data import NoAccessError, check_readable
from embedded.sagemaker.naming import MODEL, Names
from embedded.sagemaker.records import Container, ModelRecord
from embedded.sagemaker.refusals import already_exists, invalid, not_found, refuse_others
from embedded.sagemaker.roles import PRINCIPAL, check_passed, require, trust_advice
from embedded.sagemaker.tables import Tables
from embedded.sagemaker.tags import read_tags
from embedded.wire import Caller, Operation

_MODEL = ("ModelName", "PrimaryContainer", "Containers", "ExecutionRoleArn", "EnableNetworkIsolation", "Tags")
_CONTAINER = ("Image", "Environment", "ModelDataUrl", "ModelDataSource", "ContainerHostname", "Mode")
_SOURCE = ("S3Uri", "S3DataType", "CompressionType")


class Models:
    """The operations on models."""

    def __init__(self, cloud: Cloud, tables: Tables) -> None:
        self._cloud = cloud
        self._table = tables.models
        self._names = Names(cloud.region, cloud.account_id)

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "CreateModel": self._create,
            "DescribeModel": self._describe,
            "ListModels": self._list,
            "DeleteModel": self._delete,
        }

    def _create(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        container = read_container(params)
        role_arn = params.get("ExecutionRoleArn")
        if role_arn is None:
            raise invalid("ExecutionRoleArn is required for a model with containers.")
        arn = self._names.arn(MODEL, params["ModelName"])
        if self._table.get(params["ModelName"]):
            raise already_exists("model", arn)
        check_passed(self._cloud, caller, role_arn)
        if params.get("Tags"):
            require(self._cloud, caller, "sagemaker:AddTags", arn)
        self._check_parts(container, role_arn)
        record = ModelRecord(
            name=params["ModelName"],
            arn=arn,
            created=time.time(),
            tags=read_tags(params.get("Tags", [])),
            request={key: value for key, value in params.items() if key != "Tags"},
        )
        if not self._table.add(record):
            raise already_exists("model", arn)
        return {"ModelArn": arn}

    def _check_parts(self, container: Container, role_arn: str) -> None:
        """Image and model data must be there when the model is made."""
        try:
            resolve(self._cloud, container.image)
        except ImageNotFoundError as error:
            raise invalid(f"Requested image {container.image} not found. ({error})") from error
        try:
            check_readable(
                self._cloud.client("s3", role_arn=role_arn, session_name="SageMaker", on_behalf_of=PRINCIPAL),
                container,
            )
        except NoAccessError as error:
            raise invalid(
                f"Could not access model data at {error.uri}. {trust_advice(role_arn)} Also ensure that the "
                f'role has "s3:GetObject" permissions and that the object is located in '
                f"{self._cloud.region}. If your Model uses multiple models or uncompressed models, please "
                f'ensure that the role has "s3:ListBucket" permission.'
            ) from error

    def _describe(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        record = self._get(params["ModelName"])
        return {**record.request, "ModelArn": record.arn, "CreationTime": record.created}

    def _list(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        records, token = listing.select(self._table.all(), params)
        found = [
            {"ModelName": each.name, "ModelArn": each.arn, "CreationTime": each.created} for each in records
        ]
        return {"Models": found, "NextToken": token}

    def _delete(self, params: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        self._table.remove(self._get(params["ModelName"]).name)
        return {}

    def _get(self, name: str) -> ModelRecord:
        record = self._table.get(name)
        if record is None:
            raise not_found("model", self._names.arn(MODEL, name))
        return record


def read_container(request: Mapping[str, Any]) -> Container:
    """The one container of a model, as CreateModel describes it."""
    refuse_others("CreateModel", request, _MODEL)
    containers = [*request.get("Containers", []), *filter(None, [request.get("PrimaryContainer")])]
    if len(containers) != 1:
        raise invalid("One of PrimaryContainer and Containers, with one container, is required.")
    container = containers[0]
    refuse_others("PrimaryContainer", container, _CONTAINER)
    if container.get("Mode", "SingleModel") != "SingleModel":
        raise invalid("PrimaryContainer: Mode MultiModel not implemented by the embedded SageMaker")
    if "Image" not in container:
        raise invalid("Image is required in PrimaryContainer.")
    return Container(
        image=container["Image"],
        environment=container.get("Environment", {}),
        isolated=request.get("EnableNetworkIsolation", False),
        **_model_data(container),
    )


def _model_data(container: Mapping[str, Any]) -> dict[str, str]:
    source = container.get("ModelDataSource", {}).get("S3DataSource")
    if source and "ModelDataUrl" in container:
        raise invalid("ModelDataUrl and ModelDataSource cannot be given together.")
    if "ModelDataUrl" in container:
        return {"archive": container["ModelDataUrl"]}
    return _source(source) if source else {}


def _source(source: Mapping[str, Any]) -> dict[str, str]:
    refuse_others("S3DataSource", source, _SOURCE)
    kind = (source["S3DataType"], source["CompressionType"])
    if kind == ("S3Object", "Gzip"):
        return {"archive": source["S3Uri"]}
    if kind != ("S3Prefix", "None"):
        raise invalid(
            f"S3DataSource: S3DataType {kind[0]} with CompressionType {kind[1]} not implemented by the "
            f"embedded SageMaker; S3Prefix with None and S3Object with Gzip are"
        )
    if not source["S3Uri"].endswith("/"):
        raise invalid("S3Uri of an uncompressed model must end with a forward slash (/).")
    return {"folder": source["S3Uri"]}
