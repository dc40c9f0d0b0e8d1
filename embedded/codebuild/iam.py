"""On which ARNs CodeBuild's operations act: projects, also where builds are named.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodebuild.html
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Params = Mapping[str, Any]
Arn = Callable[[str], str]


def resources_of(arn: Arn, operation: str, params: Params) -> Sequence[str]:
    """The ARNs; none for operations that have no resource-level permissions."""
    finder = _FINDERS.get(operation)
    names = [] if finder is None else finder(params)
    return [name if name.startswith("arn:") else arn(name) for name in names]


def _of_build(reference: str) -> str:
    """A build's id is `project:uuid`; its ARN ends in one."""
    return reference.rpartition("/")[2].rpartition(":")[0]


_FINDERS: Mapping[str, Callable[[Params], list[str]]] = {
    "CreateProject": lambda params: [str(params.get("name", "*"))],
    "UpdateProject": lambda params: [str(params.get("name", "*"))],
    "DeleteProject": lambda params: [str(params.get("name", "*"))],
    "BatchGetProjects": lambda params: [str(name) for name in params.get("names", ())],
    "StartBuild": lambda params: [str(params.get("projectName", "*"))],
    "ListBuildsForProject": lambda params: [str(params.get("projectName", "*"))],
    "BatchGetBuilds": lambda params: [_of_build(str(name)) for name in params.get("ids", ())],
    "RetryBuild": lambda params: [_of_build(str(params.get("id", "")))],
    "BatchDeleteBuilds": lambda params: [_of_build(str(name)) for name in params.get("ids", ())],
    "StopBuild": lambda params: [_of_build(str(params.get("id", "")))],
}
