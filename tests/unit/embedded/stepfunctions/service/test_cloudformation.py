"""Step Functions' types in CloudFormation."""

import json
from typing import Any

import pytest

from embedded.stepfunctions.service import cloudformation
from embedded.stepfunctions.service.cloudformation import Types
from tests.unit.embedded.stepfunctions.service.api import FAIL, PASS, PREFIX, ROLE, Api

TEXT = json.dumps({"QueryLanguage": "JSONata"} | dict(PASS))


class Template:
    """The provisioners, as CloudFormation calls them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cloudformation, "_physical_name", lambda stack, logical: f"{stack}-{logical}")
        self.api = Api()
        self.objects: dict[tuple[str, str, str | None], bytes] = {}
        self.handlers: dict[str, Any] = {}
        Types(self.api.service, lambda *place: self.objects.get(place)).register(self)

    def register_resource_type(self, type_name: str, **handlers: Any) -> None:
        self.handlers[type_name.rpartition("::")[2]] = handlers

    def create(self, kind: str, **properties: Any) -> tuple[str, dict[str, Any]]:
        return tuple(self.handlers[kind]["create"]("Logical", properties, "stack"))

    def machine(self, **properties: Any) -> tuple[str, dict[str, Any]]:
        return self.create("StateMachine", **{"DefinitionString": TEXT, "RoleArn": ROLE} | properties)

    def update(self, kind: str, arn: str, old: Any, new: Any) -> tuple[str, dict[str, Any]]:
        return tuple(self.handlers[kind]["update"](arn, old, new, "stack"))

    def describe(self, arn: str) -> dict[str, Any]:
        return self.api.call("DescribeStateMachine", stateMachineArn=arn)


@pytest.fixture
def template(monkeypatch: pytest.MonkeyPatch) -> Template:
    return Template(monkeypatch)


def test_a_machine_is_named_after_its_stack(template: Template) -> None:
    """`Ref` is the ARN; name, ARN and revision are attributes."""
    arn, attributes = template.machine()
    assert arn == f"{PREFIX}:stateMachine:stack-Logical"
    assert attributes == {"Arn": arn, "Name": "stack-Logical", "StateMachineRevisionId": "INITIAL"}


def test_placeholders_are_filled(template: Template) -> None:
    """In each of the three forms that a definition may have."""
    text = TEXT.replace('"P"', '"${Name}"')
    template.objects["b", "k", "v"] = text.encode()
    forms = (
        {"DefinitionString": text},
        {"DefinitionString": None, "Definition": json.loads(text)},
        {"DefinitionString": None, "DefinitionS3Location": {"Bucket": "b", "Key": "k", "Version": "v"}},
    )
    for number, form in enumerate(forms):
        given = {key: value for key, value in form.items() if value is not None}
        properties = {"RoleArn": ROLE, "StateMachineName": f"m{number}"}
        arn, _ = template.create(
            "StateMachine", **properties, **given, DefinitionSubstitutions={"Name": "Filled"}
        )
        assert json.loads(template.describe(arn)["definition"])["StartAt"] == "Filled"


def test_settings_are_those_of_the_template(template: Template) -> None:
    """Logging, tracing and tags."""
    destination = {
        "CloudWatchLogsLogGroup": {"LogGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:/logs:*"}
    }
    arn, _ = template.machine(
        LoggingConfiguration={
            "Level": "ALL",
            "IncludeExecutionData": "true",
            "Destinations": [destination],
        },
        TracingConfiguration={"Enabled": True},
        Tags=[{"Key": "a", "Value": "1"}],
    )
    found = template.describe(arn)
    assert (found["loggingConfiguration"]["level"], found["tracingConfiguration"]) == (
        "ALL",
        {"enabled": True},
    )
    assert template.api.call("ListTagsForResource", resourceArn=arn)["tags"] == [{"key": "a", "value": "1"}]


def test_an_update_is_in_place(template: Template) -> None:
    """What the template no longer has goes back to its default; tags are set anew."""
    old = {
        "DefinitionString": TEXT,
        "RoleArn": ROLE,
        "TracingConfiguration": {"Enabled": True},
        "Tags": [{"Key": "a", "Value": "1"}],
    }
    arn, _ = template.create("StateMachine", **old)
    new = {
        "DefinitionString": TEXT.replace('"P"', '"Q"'),
        "RoleArn": ROLE,
        "Tags": [{"Key": "b", "Value": "2"}],
    }
    again, attributes = template.update("StateMachine", arn, old, new)
    found = template.describe(arn)
    assert (again, found["tracingConfiguration"]) == (arn, {"enabled": False})
    assert '"Q"' in found["definition"]
    assert attributes["StateMachineRevisionId"] == found["revisionId"]
    assert template.api.call("ListTagsForResource", resourceArn=arn)["tags"] == [{"key": "b", "value": "2"}]


def test_another_name_is_another_machine(template: Template) -> None:
    """CloudFormation deletes the old one afterwards."""
    arn, _ = template.machine(StateMachineName="one")
    old = {"DefinitionString": TEXT, "RoleArn": ROLE, "StateMachineName": "one"}
    other, _ = template.update("StateMachine", arn, old, old | {"StateMachineName": "two"})
    assert other == f"{PREFIX}:stateMachine:two"
    template.handlers["StateMachine"]["delete"](arn, old)
    listed = template.api.call("ListStateMachines")["stateMachines"]
    assert [each["name"] for each in listed] == ["two"]


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"DefinitionString": "{}"}, "InvalidDefinition"),
        ({"Odd": 1}, "Odd is not supported"),
        ({"StateMachineType": "EXPRESS"}, "EXPRESS state machines are not supported"),
    ],
)
def test_what_cannot_be_fails_the_resource(template: Template, properties: Any, message: str) -> None:
    """With the reason."""
    with pytest.raises(ValueError, match=message):
        template.machine(**properties)


class TestVersionsAndAliases:
    """StateMachineVersion and StateMachineAlias."""

    def test_a_version_is_published_of_a_revision(self, template: Template) -> None:
        """Every change is another one."""
        arn, attributes = template.machine()
        given = {
            "StateMachineArn": arn,
            "StateMachineRevisionId": attributes["StateMachineRevisionId"],
            "Description": "d",
        }
        version, _ = template.create("StateMachineVersion", **given)
        assert version == f"{arn}:1"
        fails = json.dumps({"QueryLanguage": "JSONata"} | dict(FAIL))
        _, changed = template.update("StateMachine", arn, {}, {"DefinitionString": fails, "RoleArn": ROLE})
        new = given | {"StateMachineRevisionId": changed["StateMachineRevisionId"]}
        assert template.update("StateMachineVersion", version, given, new)[0] == f"{arn}:2"

    def test_an_alias_points_to_versions(self, template: Template) -> None:
        """And can be moved in place."""
        arn, _ = template.machine()
        version, _ = template.create("StateMachineVersion", StateMachineArn=arn)
        routes = [{"StateMachineVersionArn": version, "Weight": 100}]
        alias, _ = template.create("StateMachineAlias", Name="live", RoutingConfiguration=routes)
        assert alias == f"{arn}:live"
        new = {"Name": "live", "RoutingConfiguration": routes, "Description": "d"}
        assert template.update("StateMachineAlias", alias, {}, new)[0] == alias
        found = template.api.call("DescribeStateMachineAlias", stateMachineAliasArn=alias)
        assert found["description"] == "d"

    def test_gradual_deployments_are_refused_by_name(self, template: Template) -> None:
        """They are not done."""
        with pytest.raises(ValueError, match="DeploymentPreference is not supported"):
            template.create("StateMachineAlias", DeploymentPreference={"Type": "LINEAR"})


def test_an_activity_is_made_and_deleted(template: Template) -> None:
    """`Ref` is its ARN."""
    arn, attributes = template.create("Activity", Name="work", Tags=[{"Key": "a", "Value": "1"}])
    assert (arn, attributes) == (f"{PREFIX}:activity:work", {"Arn": arn, "Name": "work"})
    template.handlers["Activity"]["delete"](arn, {})
    assert template.api.call("ListActivities")["activities"] == []
