"""AWS::CodeBuild::Project for CloudFormation: `Ref` is the name, `Arn` an attribute."""

from collections.abc import Mapping
from typing import Any

from embedded.codebuild.service import CodeBuild
from embedded.shapes import problems, service_model
from embedded.spelling import from_pascal

TYPE = "AWS::CodeBuild::Project"

Properties = dict[str, Any]
Made = tuple[str, dict[str, Any]]

# Properties that CloudFormation has beside the API's members; these values ask for nothing.
_NOTHING: Mapping[str, tuple[Any, ...]] = {"Visibility": ("PRIVATE",), "Triggers": ({}, None)}


class ProjectType:
    """MiniStack's provisioner functions."""

    def __init__(self, service: CodeBuild) -> None:
        self._service = service

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> Made:
        """Create a project; its name is made up where the template gives none."""
        params = _params(properties)
        params.setdefault("name", _physical_name(stack_name, logical_id))
        self._service.projects.create(params, _pass_any)
        return self._made(params["name"])

    def update(self, physical_id: str, old: Properties, new: Properties, stack_name: str) -> Made:
        """Change a project; another name is another project."""
        params = _params(new)
        if params.setdefault("name", physical_id) != physical_id:
            return self.create("", new, stack_name)
        # A property that the template no longer has goes back to its default.
        gone = {key: value for key, value in _DEFAULTS.items() if key in _params(old) and key not in params}
        self._service.projects.update(params | gone, _pass_any)
        return self._made(physical_id)

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Delete a project."""
        del properties
        self._service.projects.delete({"name": physical_id})

    def _made(self, name: str) -> Made:
        return name, {"Arn": self._service.project_arn(name)}


_DEFAULTS: Mapping[str, Any] = {
    "description": "",
    "timeoutInMinutes": 60,
    "queuedTimeoutInMinutes": 480,
    "tags": [],
    "logsConfig": {},
    "sourceVersion": "",
    "concurrentBuildLimit": None,
}


def _params(properties: Properties) -> Properties:
    for name, values in _NOTHING.items():
        if properties.get(name, values[0]) not in values:
            raise ValueError(f"{TYPE}: {name} {properties[name]!r} is not supported here")
    shape: Any = service_model("codebuild").operation_model("CreateProject").input_shape
    given = {key: value for key, value in properties.items() if key not in _NOTHING}
    params: Properties = from_pascal(shape, given)
    found = problems(shape, {"name": "name", **params})
    if found:
        raise ValueError(f"{TYPE}: {found}")
    return params


def _physical_name(stack_name: str, logical_id: str) -> str:
    from ministack.services.cloudformation.provisioners import _physical_name as physical_name

    return str(physical_name(stack_name, logical_id, max_len=150))


def _pass_any(_role: str) -> None:
    """Whether the stack may hand the role on has been asked: `embedded.mends.stack_roles`."""
