"""AWS::StepFunctions::StateMachine, StateMachineVersion, StateMachineAlias and Activity for CloudFormation.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_StepFunctions.html
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from embedded.api_error import ApiError
from embedded.shapes import problems, service_model
from embedded.spelling import from_pascal
from embedded.stepfunctions.service.service import StepFunctions

Properties = dict[str, Any]
Made = tuple[str, dict[str, Any]]
ReadObject = Callable[[str, str, str | None], bytes | None]

_DEFINITIONS = ("DefinitionString", "Definition", "DefinitionS3Location", "DefinitionSubstitutions")
# What a property that the template no longer has goes back to.
_DEFAULTS = {"LoggingConfiguration": {"Level": "OFF"}, "TracingConfiguration": {"Enabled": False}}
_NAMES = {"StateMachineName": "Name", "StateMachineType": "Type"}


class TypeRegistry(Protocol):
    """Where types of resources are made known."""

    def register_resource_type(self, type_name: str, *, create: Any, delete: Any, update: Any = None) -> None:
        """Teach CloudFormation a type."""


class Types:
    """The provisioners of the four types."""

    def __init__(self, states: StepFunctions, read_object: ReadObject) -> None:
        """`read_object(bucket, key, version)` gives an object of S3's; None where there is none."""
        self._states = states
        self._read_object = read_object

    def register(self, registry: TypeRegistry) -> None:
        """Make the types known."""
        for name in ("StateMachine", "StateMachineVersion", "StateMachineAlias", "Activity"):
            short = {"StateMachine": "machine", "Activity": "activity"}.get(name, name[12:].lower())
            registry.register_resource_type(
                f"AWS::StepFunctions::{name}",
                create=getattr(self, f"create_{short}"),
                update=getattr(self, f"update_{short}"),
                delete=getattr(self, f"delete_{short}"),
            )

    def create_machine(self, logical_id: str, properties: Properties, stack_name: str) -> Made:
        """A machine; `Ref` is its ARN."""
        params = self._machine_params("CreateStateMachine", properties)
        params.setdefault("name", _physical_name(stack_name, logical_id))
        arn = self._call("CreateStateMachine", params)["stateMachineArn"]
        return self._made_machine(arn)

    def update_machine(self, arn: str, old: Properties, new: Properties, stack_name: str) -> Made:
        """In place; another name or type is another machine, and the old one is deleted afterwards."""
        dropped = {key: value for key, value in _DEFAULTS.items() if key in old and key not in new}
        params = self._machine_params("CreateStateMachine", new | dropped)
        if params.get("name", arn.rpartition(":")[2]) != arn.rpartition(":")[2]:
            return self.create_machine("", new, stack_name)
        tags = params.pop("tags", [])
        changed = {key: value for key, value in params.items() if key not in {"name", "type"}}
        self._call("UpdateStateMachine", changed | {"stateMachineArn": arn})
        self._set_tags(arn, tags)
        return self._made_machine(arn)

    def delete_machine(self, arn: str, properties: Properties) -> None:
        """Its executions end first."""
        del properties
        self._call("DeleteStateMachine", {"stateMachineArn": arn})

    def create_version(self, logical_id: str, properties: Properties, stack_name: str) -> Made:
        """A version of a revision; `Ref` is its ARN."""
        del logical_id, stack_name
        given = {key: value for key, value in properties.items() if key != "StateMachineRevisionId"}
        revision = {"revisionId": properties.get("StateMachineRevisionId")}
        params = _params("PublishStateMachineVersion", given) | {k: v for k, v in revision.items() if v}
        arn = self._call("PublishStateMachineVersion", params)["stateMachineVersionArn"]
        return arn, {"Arn": arn}

    def update_version(self, arn: str, old: Properties, new: Properties, stack_name: str) -> Made:
        """Every change is another version."""
        return (arn, {"Arn": arn}) if old == new else self.create_version("", new, stack_name)

    def delete_version(self, arn: str, properties: Properties) -> None:
        """Unless an alias points there."""
        del properties
        self._call("DeleteStateMachineVersion", {"stateMachineVersionArn": arn})

    def create_alias(self, logical_id: str, properties: Properties, stack_name: str) -> Made:
        """An alias; `Ref` is its ARN."""
        params = _alias_params(properties)
        params.setdefault("name", _physical_name(stack_name, logical_id))
        arn = self._call("CreateStateMachineAlias", params)["stateMachineAliasArn"]
        return arn, {"Arn": arn}

    def update_alias(self, arn: str, old: Properties, new: Properties, stack_name: str) -> Made:
        """In place; another name is another alias."""
        del old
        params = _alias_params(new)
        if params.pop("name", arn.rpartition(":")[2]) != arn.rpartition(":")[2]:
            return self.create_alias("", new, stack_name)
        self._call("UpdateStateMachineAlias", params | {"stateMachineAliasArn": arn})
        return arn, {"Arn": arn}

    def delete_alias(self, arn: str, properties: Properties) -> None:
        """The versions stay."""
        del properties
        self._call("DeleteStateMachineAlias", {"stateMachineAliasArn": arn})

    def create_activity(self, logical_id: str, properties: Properties, stack_name: str) -> Made:
        """An activity; `Ref` is its ARN."""
        params = _params("CreateActivity", properties)
        params.setdefault("name", _physical_name(stack_name, logical_id))
        arn = self._call("CreateActivity", params)["activityArn"]
        return arn, {"Arn": arn, "Name": params["name"]}

    def update_activity(self, arn: str, old: Properties, new: Properties, stack_name: str) -> Made:
        """Tags in place; another name is another activity."""
        del old
        params = _params("CreateActivity", new)
        name = arn.rpartition(":")[2]
        if params.get("name", name) != name:
            return self.create_activity("", new, stack_name)
        self._set_tags(arn, params.get("tags", []))
        return arn, {"Arn": arn, "Name": name}

    def delete_activity(self, arn: str, properties: Properties) -> None:
        """Nothing waits for it any more."""
        del properties
        self._call("DeleteActivity", {"activityArn": arn})

    def _machine_params(self, operation: str, properties: Properties) -> Properties:
        given = {_NAMES.get(k, k): value for k, value in properties.items() if k not in _DEFINITIONS}
        text = substituted(self._text(properties), properties.get("DefinitionSubstitutions") or {})
        return _params(operation, given) | {"definition": text}

    def _text(self, properties: Properties) -> str:
        location = properties.get("DefinitionS3Location")
        if location:
            content = self._read_object(location["Bucket"], location["Key"], location.get("Version"))
            if content is None:
                raise ValueError(f"There is no object s3://{location['Bucket']}/{location['Key']}")
            return content.decode()
        found = properties.get("DefinitionString", properties.get("Definition"))
        if found is None:
            raise ValueError("One of DefinitionString, Definition and DefinitionS3Location is required")
        return found if isinstance(found, str) else json.dumps(found)

    def _made_machine(self, arn: str) -> Made:
        found = self._call("DescribeStateMachine", {"stateMachineArn": arn})
        # A machine that was never updated has no revision; templates can ask for one nevertheless.
        revision = found.get("revisionId") or "INITIAL"
        return arn, {"Arn": arn, "Name": found["name"], "StateMachineRevisionId": revision}

    def _set_tags(self, arn: str, tags: list[dict[str, str]]) -> None:
        known = self._call("ListTagsForResource", {"resourceArn": arn})["tags"]
        gone = {tag["key"] for tag in known} - {tag["key"] for tag in tags}
        self._call("UntagResource", {"resourceArn": arn, "tagKeys": sorted(gone)})
        self._call("TagResource", {"resourceArn": arn, "tags": tags})

    def _call(self, operation: str, params: Properties) -> Properties:
        shape: Any = service_model("stepfunctions").operation_model(operation).input_shape
        found = problems(shape, params)
        if found:
            raise ValueError(found)
        try:
            return self._states.perform(operation, params)
        except ApiError as error:
            message = f'Resource handler returned message: "{error.message}" (Service: Sfn, {error.code})'
            raise ValueError(message) from error


def substituted(text: str, substitutions: Mapping[str, Any]) -> str:
    """A definition with `${Name}` replaced by the values of `DefinitionSubstitutions`."""
    for name, value in substitutions.items():
        text = text.replace(f"${{{name}}}", value if isinstance(value, str) else json.dumps(value))
    return text


def _alias_params(properties: Properties) -> Properties:
    if "DeploymentPreference" in properties:
        raise ValueError(
            "DeploymentPreference is not supported by the embedded cloud: use RoutingConfiguration"
        )
    return _params("CreateStateMachineAlias", properties)


def _params(operation: str, properties: Properties) -> Properties:
    """Properties as the operation takes them; ValueError for those that it does not have."""
    shape: Any = service_model("stepfunctions").operation_model(operation).input_shape
    return dict(from_pascal(shape, properties))


def _physical_name(stack_name: str, logical_id: str) -> str:
    from ministack.services.cloudformation.provisioners import _physical_name as physical_name

    return str(physical_name(stack_name, logical_id, max_len=80))
