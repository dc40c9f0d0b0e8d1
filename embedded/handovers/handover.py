"""What is asked when an operation hands a role to a service.

Whoever hands it on needs `iam:PassRole` on it, and the service must be trusted to assume it.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from embedded import authority, trust
from embedded.environment import ACCOUNT_ID, REGION
from embedded.handovers.members import first, role_arns

Params = Mapping[str, Any]
Needs = Sequence[tuple[str, str]]


class Refused(Exception):
    """A role that a service does not take, in the service's own words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NotPassed(Exception):
    """Whoever hands the role on lacks `iam:PassRole`; the message is worded as AWS words it."""


# Raises NotPassed unless a role may be handed on, given the condition keys of `iam:PassRole`.
Passer = Callable[[str, Mapping[str, str]], None]


@dataclass(frozen=True)
class Refusal:
    """How a service says that it cannot use a role.

    `{role}` stands for its ARN, `{operation}` and `{service}` for what it may not: `SendMessage` on `SQS`.
    """

    code: str
    message: str

    def of(self, role_arn: str, action: str = ":") -> Refused:
        """The error for one role, and for what it is not allowed."""
        service, _, operation = action.partition(":")
        message = self.message.format(role=role_arn, operation=operation, service=service.upper())
        return Refused(self.code, message)


@dataclass(frozen=True)
class Handover:
    """Roles in the parameters of an operation, or in the properties of a CloudFormation type."""

    principal: str
    """The service that gets them, such as `lambda.amazonaws.com`."""
    roles: str = "role(arn)?"
    """A regular expression for the members that hold them; case is ignored, as APIs and templates differ."""
    source: Callable[[Params], str] = lambda _params: ""
    """The ARN of the resource that the role will serve; empty where AWS sends none."""
    untrusted: Refusal | None = None
    """What is answered where the service may not assume a role; None where AWS looks only when it does."""
    needs: Callable[[Params], Needs] = lambda _params: ()
    """What the role itself must be allowed when it is handed over, as pairs of action and ARN."""
    unable: Refusal = Refusal("AccessDeniedException", "The role {role} lacks permissions that it needs.")
    """What is answered where the role is not allowed what it needs."""

    def check(self, params: Params, passer: Passer) -> None:
        """Raise NotPassed or Refused unless every role in the parameters may be handed over."""
        source = self.source(params)
        for role_arn in role_arns(params, self.roles):
            passer(role_arn, _keys(self.principal, source))
            if self.untrusted and not trust.may_assume(self.principal, role_arn, source_arn=source):
                raise self.untrusted.of(role_arn)
            self._check_needs(role_arn, params)

    def _check_needs(self, role_arn: str, params: Params) -> None:
        try:
            for action, resource in self.needs(params):
                authority.check(role_arn, action, resource)
        except authority.AccessDenied as denied:
            raise self.unable.of(role_arn, denied.action) from denied


def _keys(principal: str, source: str) -> dict[str, str]:
    keys = {"iam:PassedToService": principal}
    return keys | ({"iam:AssociatedResourceArn": source} if source else {})


def arn(service: str, kind: str, *members: str) -> Callable[[Params], str]:
    """Finds the ARN of the resource that the first of these members names, or is."""

    def of(params: Params) -> str:
        name = first(params, *members)
        return name if name.startswith("arn:") or not name else local_arn(service, f"{kind}{name}")

    return of


def local_arn(service: str, resource: str) -> str:
    """An ARN in the account and region of the embedded cloud."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT_ID}:{resource}"
