"""State machines as the API makes, shows, changes and removes them."""

import json
from typing import Any

import pytest

from embedded.api_error import ApiError
from tests.unit.embedded.stepfunctions.service.api import ASKS, FAIL, PASS, PREFIX, ROLE, WAIT, Api

LOGS = {
    "level": "ALL",
    "destinations": [
        {"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:/logs:*"}}
    ],
}


def refusal(api: Api, operation: str, **params: Any) -> tuple[str, str]:
    with pytest.raises(ApiError) as caught:
        api.call(operation, **params)
    return caught.value.code, caught.value.message


def text(definition: Any = PASS) -> str:
    return json.dumps({"QueryLanguage": "JSONata"} | dict(definition))


def test_a_machine_is_described_as_it_was_created() -> None:
    """With what AWS fills in; a revision comes with the first update only."""
    api = Api()
    found = api.call("DescribeStateMachine", stateMachineArn=api.create())
    assert found["stateMachineArn"] == f"{PREFIX}:stateMachine:m"
    assert found["definition"] == text()
    assert (found["status"], found["type"], found["roleArn"]) == ("ACTIVE", "STANDARD", ROLE)
    assert found["loggingConfiguration"] == {"level": "OFF", "includeExecutionData": False}
    assert found["tracingConfiguration"] == {"enabled": False}
    assert found["encryptionConfiguration"] == {"type": "AWS_OWNED_KEY"}
    assert "revisionId" not in found


def test_the_variables_that_states_read_are_listed() -> None:
    """By state, sorted, without the names that an expression binds itself, nor functions."""
    states = {
        "A": {"Type": "Pass", "Assign": {"x": 1, "y": 2}, "Next": "B"},
        "B": {
            "Type": "Pass",
            "Output": "{% ($z := $y; $x + $z + $sum([1]) + $states.input.a & '$no') %}",
            "End": True,
        },
    }
    api = Api()
    found = api.call("DescribeStateMachine", stateMachineArn=api.create({"StartAt": "A", "States": states}))
    assert found["variableReferences"] == {"B": ["x", "y"]}


def test_metadata_alone_shows_no_definition() -> None:
    """`includedData` METADATA_ONLY."""
    api = Api()
    found = api.call("DescribeStateMachine", stateMachineArn=api.create(), includedData="METADATA_ONLY")
    assert found["definition"] == ""


class TestCreation:
    """CreateStateMachine."""

    def test_the_same_request_again_is_answered_as_the_first(self) -> None:
        """Another role or other tags do not count, and are not applied."""
        api = Api()
        first = api.create()
        again = api.call("CreateStateMachine", name="m", definition=text(), roleArn=f"{ROLE}2")
        assert again["stateMachineArn"] == first
        assert api.call("DescribeStateMachine", stateMachineArn=first)["roleArn"] == ROLE

    @pytest.mark.parametrize(
        "params",
        [
            {"definition": text(FAIL)},
            {"definition": text().replace(":", " :")},
            {"publish": True},
            {"tracingConfiguration": {"enabled": True}},
        ],
    )
    def test_another_request_of_that_name_is_refused(self, params: dict[str, Any]) -> None:
        """The format of the definition counts too."""
        api = Api()
        arn = api.create()
        asked = {"name": "m", "definition": text(), "roleArn": ROLE} | params
        expected = ("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'")
        assert refusal(api, "CreateStateMachine", **asked) == expected

    @pytest.mark.parametrize("name", ["a b", "a/b", "a:b", "a\u0085", "a*"])
    def test_names_have_no_forbidden_characters(self, name: str) -> None:
        """Blanks, brackets, wildcards, special and control characters."""
        expected = ("InvalidName", f"Invalid Name: '{name}'")
        found = refusal(Api(), "CreateStateMachine", name=name, definition=text(), roleArn=ROLE)
        assert found == expected

    def test_a_definition_that_is_none_is_refused(self) -> None:
        """With the diagnostics as the message."""
        code, message = refusal(Api(), "CreateStateMachine", name="m", definition="[", roleArn=ROLE)
        assert code == "InvalidDefinition"
        assert message.startswith("Invalid State Machine Definition: '")

    def test_what_is_not_served_is_refused_by_its_name(self) -> None:
        """In branches and item processors too, as AWS refuses what a region does not have."""
        task = {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync", "End": True}
        branch = {"StartAt": "T", "States": {"T": task}}
        machine = {"StartAt": "A", "States": {"A": {"Type": "Parallel", "Branches": [branch], "End": True}}}
        asked = {"name": "m", "definition": text(machine), "roleArn": ROLE}
        code, message = refusal(Api(), "CreateStateMachine", **asked)
        assert code == "InvalidDefinition"
        assert "The resource provided arn:aws:states:::ecs:runTask.sync is not recognized" in message
        assert message.endswith("at /States/A/Branches[0]/States/T/Resource'")

    @pytest.mark.parametrize(
        ("params", "code"),
        [
            ({"type": "EXPRESS"}, "StateMachineTypeNotSupported"),
            (
                {"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "k"}},
                "InvalidEncryptionConfiguration",
            ),
            ({"roleArn": "role"}, "InvalidArn"),
            ({"versionDescription": "d"}, "ValidationException"),
        ],
    )
    def test_what_cannot_be_is_refused(self, params: dict[str, Any], code: str) -> None:
        """Express workflows and keys of one's own are not done; the rest AWS refuses too."""
        asked = {"name": "m", "definition": text(), "roleArn": ROLE} | params
        assert refusal(Api(), "CreateStateMachine", **asked)[0] == code

    def test_tags_are_kept(self) -> None:
        """And can be listed, added to and taken away."""
        api = Api()
        arn = api.create(tags=[{"key": "a", "value": "1"}])
        api.call("TagResource", resourceArn=arn, tags=[{"key": "b", "value": "2"}, {"key": "c", "value": ""}])
        api.call("UntagResource", resourceArn=arn, tagKeys=["a", "other"])
        found = api.call("ListTagsForResource", resourceArn=arn)["tags"]
        assert found == [{"key": "b", "value": "2"}, {"key": "c", "value": ""}]

    def test_there_may_be_fifty_tags(self) -> None:
        """One more is TooManyTags, and nothing is made."""
        api, tags = Api(), [{"key": str(number), "value": ""} for number in range(51)]
        asked = {"name": "m", "definition": text(), "roleArn": ROLE, "tags": tags}
        assert refusal(api, "CreateStateMachine", **asked)[0] == "TooManyTags"
        assert api.call("ListStateMachines")["stateMachines"] == []

    def test_nothing_but_machines_and_activities_has_tags(self) -> None:
        """A version has none."""
        api = Api()
        arn = f"{api.create(publish=True)}:1"
        expected = ("ResourceNotFound", f"Resource not found: '{arn}'")
        assert refusal(api, "TagResource", resourceArn=arn, tags=[]) == expected


class TestLogging:
    """`loggingConfiguration`."""

    def test_it_is_kept(self) -> None:
        """With what was not said."""
        api = Api()
        found = api.call("DescribeStateMachine", stateMachineArn=api.create(loggingConfiguration=LOGS))
        assert found["loggingConfiguration"] == LOGS | {"includeExecutionData": False}

    @pytest.mark.parametrize("destinations", [[], [{}], LOGS["destinations"] * 2])
    def test_there_is_exactly_one_destination(self, destinations: Any) -> None:
        """For every level but OFF."""
        logging = {"level": "ERROR", "destinations": destinations}
        asked = {"name": "m", "definition": text(), "roleArn": ROLE, "loggingConfiguration": logging}
        expected = "Invalid Logging Configuration: Must specify exactly one Log Destination."
        assert refusal(Api(), "CreateStateMachine", **asked) == ("InvalidLoggingConfiguration", expected)

    def test_the_group_is_there(self) -> None:
        """A deleted one is not found."""
        api = Api()
        api.groups.clear()
        asked = {"name": "m", "definition": text(), "roleArn": ROLE, "loggingConfiguration": LOGS}
        expected = "Invalid Logging Configuration: Log Destination not found."
        assert refusal(api, "CreateStateMachine", **asked) == ("InvalidLoggingConfiguration", expected)


class TestUpdate:
    """UpdateStateMachine."""

    def test_a_change_is_a_revision(self) -> None:
        """The same again is none."""
        api = Api()
        arn = api.create()
        first = api.call("UpdateStateMachine", stateMachineArn=arn, definition=text(FAIL))
        again = api.call("UpdateStateMachine", stateMachineArn=arn, definition=text(FAIL))
        other = api.call("UpdateStateMachine", stateMachineArn=arn, roleArn=f"{ROLE}2")
        assert first["revisionId"] == again["revisionId"] != other["revisionId"]
        found = api.call("DescribeStateMachine", stateMachineArn=arn)
        assert (found["definition"], found["roleArn"]) == (text(FAIL), f"{ROLE}2")
        assert found["revisionId"] == other["revisionId"]

    def test_something_must_be_given(self) -> None:
        """Else a required parameter is missing."""
        api = Api()
        code, message = refusal(api, "UpdateStateMachine", stateMachineArn=api.create())
        assert code == "MissingRequiredParameter"
        assert message.startswith("Either the definition, the role ARN, ")

    def test_a_version_cannot_be_updated(self) -> None:
        """It is no machine."""
        api = Api()
        arn = f"{api.create(publish=True)}:1"
        expected = ("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
        assert refusal(api, "UpdateStateMachine", stateMachineArn=arn, roleArn=ROLE) == expected

    def test_running_executions_keep_what_they_started_with(self) -> None:
        """DescribeStateMachineForExecution shows it."""
        api = Api()
        arn = api.create(WAIT)
        execution = api.start(arn)
        api.call("UpdateStateMachine", stateMachineArn=arn, definition=text(FAIL))
        found = api.call("DescribeStateMachineForExecution", executionArn=execution)
        assert found["definition"] == text(WAIT)
        api.engine.run_until_idle()
        assert api.call("DescribeExecution", executionArn=execution)["status"] == "SUCCEEDED"


class TestArns:
    """What is no ARN of the right kind."""

    @pytest.mark.parametrize(
        ("arn", "reason"),
        [
            ("not_an_arn", "Invalid ARN prefix: not_an_arn"),
            (f"{PREFIX}:execution:m:e", "Resource type not valid in this context: execution"),
            (f"{PREFIX}:stateMachine:m:1:2", f"{PREFIX}:stateMachine:m:1:2"),
        ],
    )
    def test_it_is_refused(self, arn: str, reason: str) -> None:
        """With AWS's words."""
        expected = ("InvalidArn", f"Invalid Arn: '{reason}'")
        assert refusal(Api(), "DescribeStateMachine", stateMachineArn=arn) == expected

    def test_a_machine_that_is_not_there(self) -> None:
        """Is named."""
        arn = f"{PREFIX}:stateMachine:other"
        expected = ("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
        assert refusal(Api(), "DescribeStateMachine", stateMachineArn=arn) == expected


def test_machines_are_listed_by_name_in_pages() -> None:
    """A token leads to the next page; any other text is none."""
    api = Api()
    for name in ("b", "c", "a"):
        api.create(name=name)
    first = api.call("ListStateMachines", maxResults=2)
    second = api.call("ListStateMachines", maxResults=2, nextToken=first["nextToken"])
    assert [each["name"] for each in first["stateMachines"] + second["stateMachines"]] == ["a", "b", "c"]
    assert "nextToken" not in second
    assert refusal(api, "ListStateMachines", nextToken="x")[0] == "InvalidToken"
    assert refusal(api, "ListStateMachines", maxResults=1001) == (
        "ValidationException",
        (
            "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: "
            "Member must have value less than or equal to 1000"
        ),
    )


class TestDeletion:
    """DeleteStateMachine."""

    def test_what_is_not_there_is_no_error(self) -> None:
        """Nor is what was deleted already."""
        api = Api()
        arn = api.create()
        api.call("DeleteStateMachine", stateMachineArn=arn)
        api.call("DeleteStateMachine", stateMachineArn=arn)
        assert refusal(api, "DescribeStateMachine", stateMachineArn=arn)[0] == "StateMachineDoesNotExist"

    def test_executions_end_first(self) -> None:
        """Until then it is DELETING, and takes no new ones."""
        api = Api()
        arn = api.create(ASKS)
        execution = api.start(arn)
        api.call("DeleteStateMachine", stateMachineArn=arn)
        assert api.call("DescribeStateMachine", stateMachineArn=arn)["status"] == "DELETING"
        assert refusal(api, "StartExecution", stateMachineArn=arn)[0] == "StateMachineDeleting"
        api.call("StopExecution", executionArn=execution)
        api.service.close()
        assert refusal(api, "DescribeStateMachine", stateMachineArn=arn)[0] == "StateMachineDoesNotExist"

    def test_a_transition_ends_an_execution_of_a_machine_that_goes(self) -> None:
        """As AWS says: on the next transition the executions are terminated."""
        states = {"P": {"Type": "Pass", "Next": "T"}, "T": ASKS["States"]["T"]}
        api = Api()
        arn = api.create({"StartAt": "P", "States": states})
        execution = api.start(arn)
        api.call("DeleteStateMachine", stateMachineArn=arn)
        assert api.ended(execution)["status"] == "ABORTED"


class TestValidation:
    """ValidateStateMachineDefinition."""

    def test_a_good_definition_is_ok(self) -> None:
        """Nothing is said of it."""
        found = Api().call("ValidateStateMachineDefinition", definition=text())
        assert found == {"result": "OK", "diagnostics": [], "truncated": False}

    def test_errors_say_what_and_where(self) -> None:
        """Also for what is not served here."""
        task = {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask", "End": True}
        definition = text({"StartAt": "T", "States": {"T": task}})
        found = Api().call("ValidateStateMachineDefinition", definition=definition)
        assert found["result"] == "FAIL"
        assert found["diagnostics"][0]["location"] == "/States/T/Resource"
        assert "ecs:runTask" in found["diagnostics"][0]["message"]

    def test_express_is_refused_by_name(self) -> None:
        """It is not done."""
        found = refusal(Api(), "ValidateStateMachineDefinition", definition=text(), type="EXPRESS")
        assert found == ("ValidationException", "The type EXPRESS is not supported by the embedded cloud")
