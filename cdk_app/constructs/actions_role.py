"""The role of a GitHub Actions workflow that pushes code: no key lies in GitHub, only named branches have it.

Source: "Configuring OpenID Connect in Amazon Web Services" (GitHub): audience `sts.amazonaws.com`, and a
subject that names the repository and its branch or environment. The account's identity provider is not part
of the stacks: an account can have one for GitHub, and other stacks may use it.
"""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk_app.constructs.stage_parameter import parameter_name
from cdk_app.functions.spec import Foundation
from cdk_app.settings import StageSettings
from cdk_app.statements import allow, arn, inline, objects

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"


class ActionsRole(Construct):
    """May do what `sluice push code` does."""

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: StageSettings, on: Foundation
    ) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        provider = f"arn:{stack.partition}:iam::{stack.account}:oidc-provider/{ISSUER}"
        conditions = {
            "StringEquals": {
                f"{ISSUER}:aud": AUDIENCE,
                f"{ISSUER}:sub": list(settings.actions_subjects),
            }
        }
        statements = [
            allow("ssm:GetParameter", on=arn(self, "ssm", f"parameter{parameter_name(settings)}")),
            allow("s3:PutObject", on=objects(on.storage.uploads, "code/*")),
        ]
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.WebIdentityPrincipal(provider, conditions),
            description="What a GitHub Actions workflow does to push code",
            max_session_duration=cdk.Duration.hours(1),
            inline_policies=inline(statements),
        )
        cdk.CfnOutput(self, "Arn", value=self.role.role_arn, description="role-to-assume of the workflow")
