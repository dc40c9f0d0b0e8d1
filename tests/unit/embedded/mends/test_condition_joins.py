"""Conditions that join parameters, as the CDK's bootstrap template does."""

from typing import Any

from embedded.mends import condition_joins

PARAMS = {"Policies": {"Value": ""}, "Some": {"Value": "a, b"}, "One": {"Value": "x"}}


def _given(name: str) -> dict[str, Any]:
    return {"Fn::Not": [{"Fn::Equals": ["", {"Fn::Join": ["", {"Ref": name}]}]}]}


def test_an_empty_list_is_no_list() -> None:
    """MiniStack alone takes the join for a value of its own, and so for one that is not empty."""
    from ministack.services.cloudformation import engine

    conditions = {"None": _given("Policies"), "Some": _given("Some")}
    found = engine._evaluate_conditions({"Conditions": condition_joins.joined(conditions, PARAMS)}, PARAMS)
    assert found == {"None": False, "Some": True}
    assert engine._evaluate_conditions({"Conditions": conditions}, PARAMS)["None"], "not needed any more"


def test_strings_and_parameters_are_joined() -> None:
    """In any depth; what is no parameter is left for MiniStack."""
    join = {"Fn::Join": ["-", ["a", {"Ref": "One"}]]}
    assert condition_joins.joined([{"Fn::Equals": [join, "a-x"]}], PARAMS) == [{"Fn::Equals": ["a-x", "a-x"]}]
    unknown = {"Fn::Join": ["-", ["a", {"Ref": "AWS::Region"}]]}
    assert condition_joins.joined(unknown, PARAMS) == unknown
