"""The app as it is remembered and described. Source: API reference of `DescribeMlflowApp`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from embedded.sagemaker.records import Record

_REMEMBERED = (
    "ArtifactStoreUri",
    "RoleArn",
    "ModelRegistrationMode",
    "AccountDefaultStatus",
    "WeeklyMaintenanceWindowStart",
)


class AppRecord(Record):
    """An app. Its id, which is its name in the table, is made up; its own name is no part of its ARN."""

    title: str
    request: Mapping[str, Any]
    status: str = "Creating"
    reason: str | None = None
    modified: float
    created_by: str


def remembered(params: Mapping[str, Any]) -> dict[str, Any]:
    """What of a request is kept."""
    return {key: params[key] for key in _REMEMBERED if key in params}


def summary(record: AppRecord) -> dict[str, Any]:
    """One line of ListMlflowApps's answer."""
    return {
        "Arn": record.arn,
        "Name": record.title,
        "Status": record.status,
        "CreationTime": record.created,
        "LastModifiedTime": record.modified,
        "MlflowVersion": version("mlflow"),
    }


def describe(record: AppRecord) -> dict[str, Any]:
    """The members of DescribeMlflowApp's answer."""
    creator = {"IamIdentity": {"Arn": record.created_by}}
    return {"ModelRegistrationMode": "AutoModelRegistrationDisabled"} | {
        **record.request,
        **summary(record),
        "CreatedBy": creator,
        "LastModifiedBy": creator,
        "MaintenanceStatus": "MaintenanceComplete",
    }


def attributes(record: AppRecord) -> dict[str, Any]:
    """What `Fn::GetAtt` gives in CloudFormation."""
    return {
        "Arn": record.arn,
        "MlflowAppId": record.name,
        "Status": record.status,
        "MlflowVersion": version("mlflow"),
        "CreationTime": datetime.fromtimestamp(record.created, UTC).isoformat(),
        "LastModifiedTime": datetime.fromtimestamp(record.modified, UTC).isoformat(),
    }
