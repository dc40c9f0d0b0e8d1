"""The role of a GitHub Actions workflow: only named branches, only a push of code."""

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template
from pydantic import ValidationError

from cdk_app.app import build
from cdk_app.settings import stage_settings
from tests.infrastructure.test_settings import Context

SUBJECT = "repo:octo-org/models:ref:refs/heads/main"


def test_only_a_named_branch_may_take_the_role_and_only_push_code() -> None:
    """No key lies in GitHub; the token's audience and subject are compared as a whole."""
    settings = stage_settings(Context(stage="dev", actions_subjects=SUBJECT))
    stack = build(cdk.App(), settings)[-1]
    roles = Template.from_stack(stack).find_resources("AWS::IAM::Role")
    (role,) = [each["Properties"] for name, each in roles.items() if name.startswith("Actions")]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert trust["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": [SUBJECT],
        }
    }
    allowed = [each["Action"] for each in role["Policies"][0]["PolicyDocument"]["Statement"]]
    assert allowed == ["ssm:GetParameter", "s3:PutObject"]


@pytest.mark.parametrize(
    "subject", ["repo:octo-org/*:ref:refs/heads/main", "repo:a/b:pull_request", "repo:a/b:*", "*"]
)
def test_a_subject_that_means_more_than_one_branch_is_refused(subject: str) -> None:
    """Also pull requests: anybody can open one."""
    with pytest.raises(ValidationError):
        stage_settings(Context(stage="dev", actions_subjects=subject))
