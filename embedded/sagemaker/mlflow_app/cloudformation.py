"""AWS::SageMaker::MlflowApp for CloudFormation: `Ref` is the ARN, as `Fn::GetAtt` of `Arn` is."""

from typing import Any

from embedded.sagemaker.mlflow_app.records import AppRecord, attributes
from embedded.sagemaker.mlflow_app.service import MlflowApps
from embedded.shapes import problems, service_model
from embedded.spelling import from_pascal

TYPE = "AWS::SageMaker::MlflowApp"

Properties = dict[str, Any]
Made = tuple[str, dict[str, Any]]

_CREATOR = "cloudformation.amazonaws.com"
_REPLACED = ("RoleArn",)
"""Properties whose change makes another app."""


class MlflowAppType:
    """MiniStack's provisioner functions."""

    def __init__(self, apps: MlflowApps) -> None:
        self._apps = apps

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> Made:
        """Create the app. It is there before the tracking server answers, which may take some seconds."""
        del logical_id, stack_name
        return _made(self._apps.make(_params(properties, "CreateMlflowApp"), _CREATOR))

    def update(self, physical_id: str, old: Properties, new: Properties, stack_name: str) -> Made:
        """Change the app; another role makes another one."""
        if any(old.get(name) != new.get(name) for name in _REPLACED):
            self._apps.delete(physical_id)
            return self.create("", new, stack_name)
        params = _params(new, "CreateMlflowApp")
        changed = {key: value for key, value in params.items() if key not in ("RoleArn", "Tags")}
        return _made(self._apps.update({"Arn": physical_id, **changed}))

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Delete the app."""
        del properties
        self._apps.delete(physical_id)


def _made(record: AppRecord) -> Made:
    return record.arn, attributes(record)


def _params(properties: Properties, operation: str) -> Properties:
    shape: Any = service_model("sagemaker").operation_model(operation).input_shape
    tags = properties.get("Tags")
    listed = [{"Key": key, "Value": value} for key, value in tags.items()] if isinstance(tags, dict) else tags
    given = {**properties, **({"Tags": listed} if listed else {})}
    params: Properties = from_pascal(shape, given)
    found = problems(shape, params)
    if found:
        raise ValueError(f"{TYPE}: {found}")
    return params
