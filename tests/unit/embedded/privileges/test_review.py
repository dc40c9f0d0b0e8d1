"""Roles are held against hand-made records of what they did."""

from pathlib import Path
from typing import Any

import pytest

from embedded.calls import Call
from embedded.privileges.allowances import Allowance, read_allowances
from embedded.privileges.review import Denial, review
from embedded.privileges.roles import Role, deployed_roles, logical_name

BUCKET = "arn:aws:s3:::bucket"


def role(*statements: dict[str, Any], name: str = "stack-Reader-1", logical: str = "ReaderRole") -> Role:
    return Role(name, logical, ({"Version": "2012-10-17", "Statement": list(statements)},))


def allow(*actions: str, on: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **more}


def call(
    action: str, resource: str, *, by: str = "stack-Reader-1", decision: str = "Allow", **context: Any
) -> Call:
    session = f"arn:aws:sts::000000000000:assumed-role/{by}/one"
    return Call(1.0, session, False, action, resource, decision, context)


READS = call("s3:GetObject", f"{BUCKET}/a")


def test_a_role_that_uses_all_it_may_is_clean() -> None:
    """Each action was used, each is missed when it is taken away."""
    roles = [role(allow("s3:GetObject", on=f"{BUCKET}/*"))]
    found = review(roles, [READS, READS])
    assert found.is_clean
    assert str(found) == "every action that is granted was used, and none was missing"


def test_an_action_that_was_never_used_is_found_by_its_resource() -> None:
    """Also when the same action was used on another resource that is granted."""
    roles = [
        role(allow("s3:GetObject", "s3:PutObject", on=f"{BUCKET}/*"), allow("s3:GetObject", on="other/*"))
    ]
    found = review(roles, [READS])
    assert [(each.action, each.resource) for each in found.unused] == [
        ("s3:GetObject", "other/*"),
        ("s3:PutObject", f"{BUCKET}/*"),
    ]
    assert "granted twice" not in str(found)
    assert "never used: ReaderRole may s3:PutObject on arn:aws:s3:::bucket/*" in str(found)


def test_a_mutant_that_changes_no_decision_survives() -> None:
    """What is granted twice is missed by nobody when one of the two goes."""
    roles = [role(allow("s3:GetObject", on=f"{BUCKET}/*"), allow("s3:Get*", on="*"))]
    found = review(roles, [READS])
    assert [(each.statement, each.action) for each in found.survivors] == [
        (1, "s3:GetObject"),
        (2, "s3:Get*"),
    ]
    assert found.unused == ()


def test_removing_the_only_action_of_a_statement_removes_the_statement() -> None:
    """A statement without actions would otherwise match any action."""
    roles = [role(allow("s3:GetObject", on=f"{BUCKET}/*"))]
    assert review(roles, [READS]).survivors == ()


def test_conditions_are_judged_by_the_recorded_keys() -> None:
    """A listing below another prefix is not what the statement allows."""
    condition = {"StringLike": {"s3:prefix": ["runs/*"]}}
    roles = [role(allow("s3:ListBucket", on=BUCKET, Condition=condition))]
    inside = call("s3:ListBucket", BUCKET, **{"s3:prefix": "runs/1/"})
    outside = call("s3:ListBucket", BUCKET, **{"s3:prefix": "data/"})
    assert review(roles, [inside]).is_clean
    assert review(roles, [inside, outside]).unexplained == (outside,)


def test_denied_calls_are_told() -> None:
    """Of the roles in question only."""
    denied = call("s3:PutObject", f"{BUCKET}/a", decision="ImplicitDeny")
    elsewhere = call("s3:PutObject", f"{BUCKET}/a", by="other", decision="ImplicitDeny")
    found = review([role(allow("s3:GetObject", on=f"{BUCKET}/*"))], [READS, denied, elsewhere])
    assert found.denied == (Denial("ReaderRole", "s3:PutObject", f"{BUCKET}/a"),)
    assert not found.is_clean


def test_a_role_that_did_nothing_is_named() -> None:
    """Its grants are all unused."""
    found = review([role(allow("s3:GetObject"))], [])
    assert (found.idle, len(found.unused), len(found.survivors)) == (("ReaderRole",), 1, 1)


def test_an_exception_excuses_an_action_until_it_is_used() -> None:
    """Then the exception itself is a finding."""
    roles = [role(allow("s3:GetObject", "s3:PutObject", on=f"{BUCKET}/*"))]
    exception = Allowance(role="ReaderRole", action="s3:PutObject", reason="only AWS writes")
    assert review(roles, [READS], [exception]).is_clean
    used = call("s3:PutObject", f"{BUCKET}/a")
    assert review(roles, [READS, used], [exception]).stale == (exception,)


def test_a_denial_that_a_test_provokes_is_excused_until_nobody_provokes_it() -> None:
    """By an exception that says so: one of what is never used excuses no denial."""
    roles = [role(allow("s3:GetObject", on=f"{BUCKET}/*"))]
    tried = call("s3:PutObject", f"{BUCKET}/a", decision="ImplicitDeny")
    unused = Allowance(role="ReaderRole", action="s3:PutObject", reason="a test asks")
    provoked = unused.model_copy(update={"denied": True})
    assert review(roles, [READS, tried], [provoked]).is_clean
    assert review(roles, [READS, tried], [unused]).denied
    assert review(roles, [READS], [provoked]).stale == (provoked,)


def test_an_exception_may_name_patterns() -> None:
    """Several roles, a whole service, one kind of resource."""
    exception = Allowance(role="Reader*", action=["xray:*"], resource="arn:aws:s3:::*", reason="r")
    assert review([role(allow("xray:Put", on=f"{BUCKET}/*"))], [], [exception]).is_clean
    assert not review([role(allow("xray:Put", on="*"))], [], [exception]).is_clean
    assert not review([role(allow("xray:Put", on=BUCKET), logical="Other")], [], [exception]).is_clean


def test_exceptions_are_read_from_yaml(tmp_path: Path) -> None:
    """Each with its reason; one without is refused by the file's name."""
    path = tmp_path / "privilege_exceptions.yaml"
    path.write_text("- {role: ReaderRole, action: s3:PutObject, reason: only AWS writes}\n")
    assert read_allowances(path)[0].reason == "only AWS writes"
    path.write_text("- {role: ReaderRole, action: s3:PutObject}\n")
    with pytest.raises(ValueError, match=r"privilege_exceptions\.yaml"):
        read_allowances(path)


class FakePages:
    """Clients of IAM and CloudFormation with one role in one stack."""

    def __init__(self) -> None:
        self._pages: dict[str, Any] = {
            "list_stack_resources": {
                "StackResourceSummaries": [
                    _resource("AWS::IAM::Role", "ReaderRole1A2B3C4D", "stack-Reader-1"),
                    _resource("AWS::S3::Bucket", "Bucket", "bucket"),
                ]
            },
            "list_role_policies": {"PolicyNames": ["Policy"]},
            "list_attached_role_policies": {"AttachedPolicies": [{"PolicyArn": "managed"}]},
        }

    def get_paginator(self, name: str) -> Any:
        pages = [self._pages[name]]
        return type("Paginator", (), {"paginate": lambda _self, **_params: pages})()

    def get_role(self, **_params: Any) -> Any:
        principal = {"Service": "ecs-tasks.amazonaws.com"}
        trust = {"Statement": [{"Effect": "Allow", "Principal": principal}]}
        return {"Role": {"AssumeRolePolicyDocument": trust}}

    def get_role_policy(self, **_params: Any) -> Any:
        return {"PolicyDocument": {"Statement": [allow("s3:GetObject")]}}

    def get_policy(self, **_params: Any) -> Any:
        return {"Policy": {"DefaultVersionId": "v2"}}

    def get_policy_version(self, **params: Any) -> Any:
        assert params["VersionId"] == "v2"
        return {"PolicyVersion": {"Document": {"Statement": [allow("s3:PutObject")]}}}


def _resource(kind: str, logical_id: str, physical_id: str) -> dict[str, str]:
    return {"ResourceType": kind, "LogicalResourceId": logical_id, "PhysicalResourceId": physical_id}


def test_roles_of_stacks_come_with_inline_and_managed_policies() -> None:
    """Under the name that they have in the template."""
    (found,) = deployed_roles(FakePages(), FakePages(), ["one"])
    assert (found.name, found.logical_name, found.kind) == ("stack-Reader-1", "ReaderRole", "job")
    actions = [document["Statement"][0]["Action"] for document in found.policies]
    assert actions == [["s3:GetObject"], ["s3:PutObject"]]
    assert logical_name("Named") == "Named"
