"""Versions and aliases of state machines."""

import json
from typing import Any

import pytest

from embedded.api_error import ApiError
from tests.unit.embedded.stepfunctions.service.api import FAIL, PASS, Api

OTHER = json.dumps({"QueryLanguage": "JSONata"} | dict(FAIL))


def refusal(api: Api, operation: str, **params: Any) -> tuple[str, str]:
    with pytest.raises(ApiError) as caught:
        api.call(operation, **params)
    return caught.value.code, caught.value.message


def two_versions(api: Api) -> tuple[str, str, str]:
    """A machine and its two versions: one passes, one fails."""
    arn = api.create(PASS, publish=True)
    api.call("UpdateStateMachine", stateMachineArn=arn, definition=OTHER, publish=True)
    return arn, f"{arn}:1", f"{arn}:2"


def routes(*pairs: tuple[str, int]) -> list[dict[str, Any]]:
    return [{"stateMachineVersionArn": arn, "weight": weight} for arn, weight in pairs]


class TestVersions:
    """PublishStateMachineVersion and its fellows."""

    def test_a_revision_is_published_once(self) -> None:
        """The second time is answered as the first."""
        api = Api()
        arn = api.create()
        first = api.call("PublishStateMachineVersion", stateMachineArn=arn, description="one")
        again = api.call("PublishStateMachineVersion", stateMachineArn=arn)
        assert first == again
        found = api.call("DescribeStateMachine", stateMachineArn=f"{arn}:1")
        assert (found["stateMachineArn"], found["description"]) == (f"{arn}:1", "one")

    def test_versions_are_listed_the_newest_first(self) -> None:
        """And stay as they were."""
        api = Api()
        arn, one, two = two_versions(api)
        found = api.call("ListStateMachineVersions", stateMachineArn=arn)["stateMachineVersions"]
        assert [each["stateMachineVersionArn"] for each in found] == [two, one]
        assert api.call("DescribeStateMachine", stateMachineArn=one)["definition"] != OTHER

    def test_numbers_are_never_used_again(self) -> None:
        """A version that was deleted leaves a gap; deleting it again is no error."""
        api = Api()
        arn, _, two = two_versions(api)
        for _ in range(2):
            api.call("DeleteStateMachineVersion", stateMachineVersionArn=two)
        again = api.call("PublishStateMachineVersion", stateMachineArn=arn)
        assert again["stateMachineVersionArn"] == f"{arn}:3"

    def test_only_the_revision_that_is_meant_is_published(self) -> None:
        """INITIAL is the one of a machine that was never updated."""
        api = Api()
        arn = api.create()
        api.call("PublishStateMachineVersion", stateMachineArn=arn, revisionId="INITIAL")
        revision = api.call("UpdateStateMachine", stateMachineArn=arn, definition=OTHER)["revisionId"]
        expected = (
            "Failed to publish the State Machine version for revision INITIAL. "
            f"The current State Machine revision is {revision}."
        )
        found = refusal(api, "PublishStateMachineVersion", stateMachineArn=arn, revisionId="INITIAL")
        assert found == ("ConflictException", expected)

    def test_an_execution_of_a_version_runs_it(self) -> None:
        """And is listed under it."""
        api = Api()
        arn, one, _ = two_versions(api)
        ended = api.run(one)
        assert (ended["status"], ended["stateMachineVersionArn"]) == ("SUCCEEDED", one)
        assert ended["stateMachineArn"] == arn
        assert api.run(arn)["status"] == "FAILED"
        listed = api.call("ListExecutions", stateMachineArn=one)["executions"]
        assert [each["executionArn"] for each in listed] == [ended["executionArn"]]


class TestAliases:
    """CreateStateMachineAlias and its fellows."""

    def test_an_alias_runs_its_version(self) -> None:
        """The execution names both."""
        api = Api()
        _, one, _ = two_versions(api)
        asked = {"name": "live", "routingConfiguration": routes((one, 100))}
        alias = api.call("CreateStateMachineAlias", **asked)["stateMachineAliasArn"]
        ended = api.run(alias)
        assert ended["status"] == "SUCCEEDED"
        assert (ended["stateMachineVersionArn"], ended["stateMachineAliasArn"]) == (one, alias)
        listed = api.call("ListExecutions", stateMachineArn=alias)["executions"]
        assert [each["executionArn"] for each in listed] == [ended["executionArn"]]

    def test_two_versions_share_executions_by_weight(self) -> None:
        """A weight of zero gets none."""
        api = Api()
        _, one, two = two_versions(api)
        both = routes((one, 0), (two, 100))
        made = api.call("CreateStateMachineAlias", name="live", routingConfiguration=both)
        ended = [api.run(made["stateMachineAliasArn"])["stateMachineVersionArn"] for _ in range(5)]
        assert set(ended) == {two}

    def test_an_alias_can_be_moved(self) -> None:
        """What is not given stays."""
        api = Api()
        _, one, two = two_versions(api)
        asked = {"name": "live", "routingConfiguration": routes((one, 100)), "description": "d"}
        alias = api.call("CreateStateMachineAlias", **asked)["stateMachineAliasArn"]
        moved = routes((one, 50), (two, 50))
        api.call("UpdateStateMachineAlias", stateMachineAliasArn=alias, routingConfiguration=moved)
        found = api.call("DescribeStateMachineAlias", stateMachineAliasArn=alias)
        assert (found["name"], found["description"]) == ("live", "d")
        assert found["routingConfiguration"] == moved

    def test_the_same_request_again_is_answered_as_the_first(self) -> None:
        """Another one of that name is a conflict."""
        api = Api()
        _, one, two = two_versions(api)
        asked = {"name": "live", "routingConfiguration": routes((one, 100))}
        first = api.call("CreateStateMachineAlias", **asked)
        assert api.call("CreateStateMachineAlias", **asked) == first
        found = refusal(api, "CreateStateMachineAlias", name="live", routingConfiguration=routes((two, 100)))
        assert found[0] == "ConflictException"

    def test_a_version_with_an_alias_cannot_be_deleted(self) -> None:
        """The error names the aliases."""
        api = Api()
        arn, one, _ = two_versions(api)
        alias = api.call("CreateStateMachineAlias", name="live", routingConfiguration=routes((one, 100)))[
            "stateMachineAliasArn"
        ]
        expected = (
            "Version to be deleted must not be referenced by an alias. "
            "Current list of aliases referencing this version: [live]"
        )
        found = refusal(api, "DeleteStateMachineVersion", stateMachineVersionArn=one)
        assert found == ("ConflictException", expected)
        api.call("DeleteStateMachineAlias", stateMachineAliasArn=alias)
        api.call("DeleteStateMachineVersion", stateMachineVersionArn=one)
        assert api.call("ListStateMachineAliases", stateMachineArn=arn)["stateMachineAliases"] == []

    @pytest.mark.parametrize(
        ("pairs", "message"),
        [
            (
                (("", 100),),
                "Routing configuration must contain state machine version ARNs. Received: [{arn}]",
            ),
            (
                ((":1", 50), (":1", 50)),
                (
                    "Routing configuration must contain distinct state machine version ARNs. "
                    "Received: [{arn}:1, {arn}:1]"
                ),
            ),
            (
                ((":1", 70), (":2", 29)),
                "Sum of routing configuration weights must equal 100. Received: [70, 29]",
            ),
            (
                ((":1", 101),),
                (
                    "1 validation error detected: Value '101' at 'routingConfiguration.1.member.weight' "
                    "failed to satisfy constraint: Member must have value less than or equal to 100"
                ),
            ),
        ],
    )
    def test_routes_are_one_or_two_versions_of_a_hundred(self, pairs: Any, message: str) -> None:
        """With AWS's words for what they are not."""
        api = Api()
        arn, _, _ = two_versions(api)
        given = routes(*((f"{arn}{suffix}", weight) for suffix, weight in pairs))
        found = refusal(api, "CreateStateMachineAlias", name="live", routingConfiguration=given)
        assert found == ("ValidationException", message.format(arn=arn))

    def test_what_is_not_there_is_not_found(self) -> None:
        """An alias to change, or a version to point to."""
        api = Api()
        arn, _, _ = two_versions(api)
        expected = ("ResourceNotFound", "Request references a resource that does not exist.")
        assert refusal(api, "UpdateStateMachineAlias", stateMachineAliasArn=f"{arn}:x") == expected
        given = routes((f"{arn}:9", 100))
        assert refusal(api, "CreateStateMachineAlias", name="x", routingConfiguration=given) == expected

    def test_a_deleted_machine_takes_its_aliases_along(self) -> None:
        """And its versions."""
        api = Api()
        arn, one, _ = two_versions(api)
        api.call("CreateStateMachineAlias", name="live", routingConfiguration=routes((one, 100)))
        api.call("DeleteStateMachine", stateMachineArn=arn)
        assert api.call("ListStateMachineVersions", stateMachineArn=arn)["stateMachineVersions"] == []
        assert refusal(api, "StartExecution", stateMachineArn=f"{arn}:live")[0] == "StateMachineDoesNotExist"
